"""The list of contested carts and the page of each, on which it is decided."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from core.admin import ReadOnlyAdmin, RowView, Tab, missing_right, row_urls
from core.money import Money
from core.templatetags.times import in_zone
from orders.models import Trip
from payments.admin.adjust import RIGHT as ADJUST_RIGHT
from payments.admin.contest_actions import (
    DECIDE_RIGHT,
    RefundContestView,
    RejectContestView,
    cannot_refund,
)
from payments.admin.debt_page import Act
from payments.admin.labels import CONTEST_TONES, TRIP_TONES
from payments.admin.looks import note_look, note_message_looks
from payments.models import Charge, ContestedCart
from payments.services.adjustments import adjustment_obstacle
from payments.services.contests import decision_obstacle
from payments.states import ContestState
from staff.services.personal_data import RIGHT as PERSONAL_RIGHT
from stores.store_filter import StoreFilter

_REFUND_RIGHT = "payments.request_refund"


class ContestStateFilter(DropdownFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [*((state.value, state.label.capitalize()) for state in ContestState), ("decided", _("Decided"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ContestedCart]) -> QuerySet[ContestedCart]:
        if self.value() == "decided":
            return queryset.exclude(state=ContestState.OPEN)
        return queryset.filter(state=self.value()) if self.value() in ContestState.values else queryset


class AgeFilter(DropdownFilter):
    title = "age"
    parameter_name = "older"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("1", _("Older than a day")), ("3", _("Older than 3 days")), ("7", _("Older than a week"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ContestedCart]) -> QuerySet[ContestedCart]:
        days = self.value()
        return queryset.filter(opened_at__lt=Now() - timedelta(days=int(days))) if days in {"1", "3", "7"} else queryset


class ContestPageView(RowView):
    url_name = "page"
    template_name = "admin/contests/page.html"

    row: ContestedCart

    def rows(self) -> QuerySet[Any]:
        of_trip = ("trip__store", "trip__member", "trip__charge__debt")
        contests = super().rows().select_related(*of_trip, "answer", "refund", "adjustment")
        return contests.prefetch_related("lines__line", "lines__product", "trip__lines")

    def get(self, request: HttpRequest) -> HttpResponse:
        answer = getattr(self.row, "answer", None)
        note_look(request, self.row.trip, [answer.email if answer else "", self.row.message])
        contest = self.row
        charge = getattr(contest.trip, "charge", None)
        return self.page(
            request,
            contest=contest,
            trip=contest.trip,
            store=contest.trip.store,
            currency=contest.trip.store.currency,
            tone=CONTEST_TONES[ContestState(contest.state)],
            trip_tone=TRIP_TONES[contest.trip.state],
            rows=_beside_the_cart(contest),
            answer=answer,
            acts=_acts(contest, charge, request.user) if contest.state == ContestState.OPEN else [],
        )


@admin.register(ContestedCart)
class ContestedCartAdmin(ReadOnlyAdmin):
    store_path = "store"
    list_display_links = ["trip_id_label"]
    list_select_related = ["trip__member", "store"]
    list_filter = [ContestStateFilter, ("store", StoreFilter), AgeFilter]
    list_filter_submit = True
    tabs = [Tab(gettext_lazy("Open"), "state=open", lambda contests: contests.filter(state=ContestState.OPEN))]
    sortable_by: list[str] = []
    ordering = ["-opened_at", "-id"]
    search_fields = ["trip__amazon_trip_id"]
    search_help_text = gettext_lazy("Whole trip id")
    empty_title = gettext_lazy("No contested cart")
    empty_text = gettext_lazy(
        "A cart that its shopper contests is noted on the trip's page, or by your own systems through the API."
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ContestedCart], search_term: str
    ) -> tuple[QuerySet[ContestedCart], bool]:
        term = search_term.strip()
        return (queryset.filter(trip__amazon_trip_id=term) if term else queryset), False

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        page = ContestPageView.as_view(model_admin=self)
        response: HttpResponse = page(request, pk=object_id)  # type: ignore[assignment]
        return response

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: Any = super().changelist_view(request, extra_context)
        if shown := getattr(response, "context_data", {}).get("cl"):
            note_message_looks(request, shown.result_list)
        answer: HttpResponse = response
        return answer

    def get_list_display(self, request: HttpRequest) -> list[str]:
        says = "says" if request.user.has_perm(PERSONAL_RIGHT) else "says_something"
        return ["trip_id_label", "store", "state_label", says, "cost", "opened", "opened_by", "decided_by"]

    def get_urls(self) -> list[URLPattern]:
        urls: list[URLPattern] = row_urls(self, {"refund": RefundContestView, "reject": RejectContestView})
        return urls + super().get_urls()

    @display(description=gettext_lazy("trip"))
    def trip_id_label(self, contest: ContestedCart) -> str:
        return str(contest.trip)

    @display(description=gettext_lazy("state"), label=CONTEST_TONES)
    def state_label(self, contest: ContestedCart) -> tuple[str, str]:
        return contest.state, contest.get_state_display()

    @display(description=gettext_lazy("the shopper says"))
    def says(self, contest: ContestedCart) -> str:
        return contest.message if len(contest.message) <= 80 else f"{contest.message[:80]}…"

    @display(description=gettext_lazy("the shopper says"))
    def says_something(self, contest: ContestedCart) -> str:
        """To whom may not see what."""
        return _("a message") if contest.message else "–"

    @display(description=gettext_lazy("total"))
    def cost(self, contest: ContestedCart) -> str:
        total = contest.trip.total
        return "–" if total is None else str(Money(total, contest.trip.currency))

    @display(description=gettext_lazy("since (store's time)"))
    def opened(self, contest: ContestedCart) -> SafeString:
        return in_zone(contest.opened_at, contest.store.time_zone)


def contest_card(trip: Trip, user: Any) -> list[tuple[ContestedCart, str]]:
    """What the trip's page shows, of what is fetched with the trip; nothing to whom may not see it."""
    if not user.has_perm("payments.view_contestedcart"):
        return []
    return [(contest, CONTEST_TONES[ContestState(contest.state)]) for contest in trip.contests.all()]


def _beside_the_cart(contest: ContestedCart) -> list[dict[str, Any]]:
    """Every line of the cart with what is claimed of it, then what is claimed beside it."""
    claims = {claim.line_id: claim.quantity for claim in contest.lines.all()}
    rows: list[dict[str, Any]] = [
        {
            "name": line.name or line.sku,
            "line": line,
            "claimed": claims.get(line.pk),
            "differs": line.pk in claims and claims[line.pk] != line.quantity,
        }
        for line in contest.trip.lines.all()
    ]
    for claim in contest.lines.all():
        if claim.product is not None:
            rows.append({"name": claim.product.name, "line": None, "claimed": claim.quantity, "differs": True})
    return rows


def _acts(contest: ContestedCart, charge: Charge | None, user: Any) -> list[Act]:
    """Each decision, and what is in its way."""
    adjust_url = f"{reverse('admin:orders_trip_adjust', args=[contest.trip_id])}?contest={contest.pk}"
    refund_url, reject_url = (
        reverse(f"admin:payments_contestedcart_{name}", args=[contest.pk]) for name in ("refund", "reject")
    )
    decided = decision_obstacle(contest) or _missing(user, DECIDE_RIGHT)
    cannot_adjust = adjustment_obstacle(contest.trip, charge) or _missing(user, ADJUST_RIGHT)
    no_refund = cannot_refund(contest.trip) or _missing(user, _REFUND_RIGHT)
    return [
        Act(_("Adjust the trip…"), adjust_url, decided or cannot_adjust),
        Act(_("Refund…"), refund_url, decided or no_refund),
        Act(_("Reject…"), reject_url, decided),
    ]


def _missing(user: Any, right: str) -> str:
    return "" if user.has_perm(right) else missing_right(right)
