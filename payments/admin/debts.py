"""The list of debts: what shoppers still owe, and what they did."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from core.admin import row_urls
from core.money import Money
from core.templatetags.money import money
from core.templatetags.times import in_zone
from payments.admin.debt_actions import NotePaymentView, WaiveView, WriteOffView
from payments.admin.debt_page import DebtPageView
from payments.admin.labels import DEBT_TONES
from payments.admin.of_trip import OfTripAdmin
from payments.models import Debt
from payments.services.debts import with_owed_in_all
from payments.states import DebtState
from staff.services.people import person_of
from stores.store_filter import StoreFilter


class DebtStateFilter(DropdownFilter):
    """The open ones unless something else is chosen; a search finds all of them."""

    title = gettext_lazy("state")
    parameter_name = "state"
    all_option = None

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        self.unless_chosen = "all" if request.GET.get("q") else DebtState.OPEN.value
        super().__init__(request, *args)

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [*((state.value, capfirst(str(state.label))) for state in DebtState), ("all", _("All"))]

    def value(self) -> str:
        return super().value() or self.unless_chosen

    def queryset(self, request: HttpRequest, queryset: QuerySet[Debt]) -> QuerySet[Debt]:
        return queryset.filter(state=self.value()) if self.value() in DebtState.values else queryset


@admin.register(Debt)
class DebtAdmin(OfTripAdmin):
    list_display = [
        "trip",
        "store",
        "still_owed",
        "of_total",
        "state_label",
        "shopper_id",
        "in_all",
        "opened",
    ]
    list_display_links = ["trip"]
    list_filter = [DebtStateFilter, ("store", StoreFilter)]
    search_help_text = gettext_lazy("Whole trip id, or Amazon's whole id of the shopper")
    empty_title = gettext_lazy("No debt")
    empty_text = gettext_lazy("A trip whose card would not pay all of it leaves the rest here.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Debt]:
        return with_owed_in_all(super().get_queryset(request), seen_by=person_of(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Debt], search_term: str
    ) -> tuple[QuerySet[Debt], bool]:
        """One after the other, so that each uses its index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        of_trip = queryset.filter(charge__trip__amazon_trip_id=term)
        return (of_trip if of_trip.exists() else queryset.filter(shopper_id=term).exclude(shopper_id="")), False

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = DebtPageView.as_view(model_admin=self)(request, pk=object_id)  # type: ignore[assignment]
        return response

    def get_urls(self) -> list[URLPattern]:
        views = {"settle": NotePaymentView, "waive": WaiveView, "write-off": WriteOffView}
        urls: list[URLPattern] = row_urls(self, views) + super().get_urls()
        return urls

    @display(description=gettext_lazy("still owed"))
    def still_owed(self, debt: Debt) -> str:
        return str(Money(debt.owed, debt.currency))

    @display(description=gettext_lazy("of"))
    def of_total(self, debt: Debt) -> str:
        return str(Money(debt.charge.amount, debt.currency))

    @display(description=gettext_lazy("state"), label=DEBT_TONES)
    def state_label(self, debt: Debt) -> tuple[str, str]:
        return debt.state, debt.get_state_display()

    @display(description=gettext_lazy("owes at your stores"))
    def in_all(self, debt: Any) -> str:
        return money(debt.owed_in_all, debt.currency)

    @display(description=gettext_lazy("since (store's time)"))
    def opened(self, debt: Debt) -> SafeString:
        return in_zone(debt.opened_at, debt.store.time_zone)
