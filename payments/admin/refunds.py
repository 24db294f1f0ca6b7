"""The list of refunds. Each is shown in full on its trip's page, where it can be acted on."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from core.admin import Tab
from core.languages import Words
from core.money import Money
from core.templatetags.times import in_zone
from payments.admin.labels import REFUND_TONES, REFUND_WORDS
from payments.admin.of_trip import OfTripAdmin
from payments.models import Refund
from payments.states import RefundState
from stores.store_filter import StoreFilter


def _in_state(state: RefundState) -> Callable[[QuerySet[Any]], QuerySet[Any]]:
    return lambda refunds: refunds.filter(state=state)


@admin.register(Refund)
class RefundAdmin(OfTripAdmin):
    list_display = ["trip", "store", "worth", "state_label", "reason_text", "asked", "actor"]
    list_display_links = ["trip"]
    list_filter = [("state", ChoicesDropdownFilter), ("store", StoreFilter)]
    search_fields = ["refund_request_id"]
    search_help_text = _("Whole refund id or trip id")
    empty_title = _("No refund yet")
    empty_text = _("Refunds are asked for on a trip's page.")

    tabs = [
        Tab(_("Awaits approval"), "state__exact=pending_approval", _in_state(RefundState.PENDING_APPROVAL)),
        Tab(_("Failed"), "state__exact=failed", _in_state(RefundState.FAILED)),
    ]
    peek_template = "admin/refunds/peek.html"

    def peek(self, row: Refund) -> dict[str, Any]:
        return {"parts": row.lines.select_related("line")}

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

    @display(description=_("amount"))
    def worth(self, refund: Refund) -> str:
        return str(Money(refund.amount, refund.currency))

    @display(description=_("state"), label=REFUND_TONES)
    def state_label(self, refund: Refund) -> tuple[str, Words]:
        return refund.state, REFUND_WORDS[RefundState(refund.state)]

    @display(description=_("reason"))
    def reason_text(self, refund: Refund) -> str:
        return refund.why

    @display(description=_("asked for (store's time)"))
    def asked(self, refund: Refund) -> SafeString:
        return in_zone(refund.requested_at, refund.store.time_zone)

    @display(description=_("by"))
    def actor(self, refund: Refund) -> str:
        return refund.requested_by
