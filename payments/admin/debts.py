"""The list of debts: what shoppers still owe."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display

from core.money import Money
from core.templatetags.times import in_zone
from payments.admin.labels import TRIP_TONES
from payments.admin.of_trip import OfTripAdmin
from payments.models import Debt


@admin.register(Debt)
class DebtAdmin(OfTripAdmin):
    list_display = ["trip", "store", "owed", "of_total", "shopper_id", "outcome", "opened"]
    list_display_links = ["trip"]
    list_filter = [("charge__trip__store", RelatedDropdownFilter)]
    search_fields = ["charge__trip__amazon_trip_id"]
    search_help_text = "Whole trip id, or Amazon's whole id of the shopper"
    empty_title = "No debt"
    empty_text = "A trip whose card would not pay all of it leaves the rest here."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Debt], search_term: str
    ) -> tuple[QuerySet[Debt], bool]:
        """One after the other, so that each uses its index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        of_trip = queryset.filter(charge__trip__amazon_trip_id=term)
        return (of_trip if of_trip.exists() else queryset.filter(shopper_id=term)), False

    @display(description="owed")
    def owed(self, debt: Debt) -> str:
        return str(Money(debt.amount, debt.currency))

    @display(description="of")
    def of_total(self, debt: Debt) -> str:
        return str(Money(debt.charge.amount, debt.currency))

    @display(description="trip is", label=TRIP_TONES)
    def outcome(self, debt: Debt) -> tuple[str, str]:
        return debt.charge.trip.state, debt.charge.trip.get_state_display()

    @display(description="since (store's time)")
    def opened(self, debt: Debt) -> SafeString:
        return in_zone(debt.opened_at, debt.charge.trip.store.time_zone)
