"""The list of refunds. Each is shown in full on its trip's page, where it can be acted on."""

from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from core.money import Money
from core.templatetags.times import in_zone
from payments.admin.labels import REFUND_TONES, REFUND_WORDS
from payments.admin.of_trip import OfTripAdmin
from payments.models import Refund
from payments.states import RefundState


@admin.register(Refund)
class RefundAdmin(OfTripAdmin):
    list_display = ["trip", "store", "worth", "state_label", "reason_text", "asked", "actor"]
    list_display_links = ["trip"]
    list_filter = [("state", ChoicesDropdownFilter), ("charge__trip__store", RelatedDropdownFilter)]
    search_fields = ["refund_request_id"]
    search_help_text = "Whole refund id or trip id"
    empty_title = "No refund yet"
    empty_text = "Refunds are asked for on a trip's page."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Refund], search_term: str
    ) -> tuple[QuerySet[Refund], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        of_trip = queryset.filter(charge__trip__amazon_trip_id=term)
        try:
            by_id = queryset.filter(refund_request_id=UUID(term))
        except ValueError:
            return of_trip, False
        return (by_id if by_id.exists() else of_trip), False

    @display(description="amount")
    def worth(self, refund: Refund) -> str:
        return str(Money(refund.amount, refund.currency))

    @display(description="state", label=REFUND_TONES)
    def state_label(self, refund: Refund) -> tuple[str, str]:
        return refund.state, REFUND_WORDS[RefundState(refund.state)]

    @display(description="reason")
    def reason_text(self, refund: Refund) -> str:
        return refund.get_reason_display()

    @display(description="asked for (store's time)")
    def asked(self, refund: Refund) -> SafeString:
        return in_zone(refund.requested_at, refund.charge.trip.store.time_zone)

    @display(description="by")
    def actor(self, refund: Refund) -> str:
        return refund.requested_by
