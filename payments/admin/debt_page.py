"""The page of a debt, and what the trip's page shows of one."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from core.admin import RowView, missing_right
from core.languages import Words
from core.money import Money
from payments.admin.debt_actions import DebtActionView, NotePaymentView, WaiveView, WriteOffView
from payments.admin.labels import DEBT_TONES, TRIP_TONES
from payments.models import Charge, Debt
from payments.services.collection import retry_obstacle
from payments.services.debts import settlement_obstacle, with_owed_in_all, write_off_obstacle
from payments.states import DebtState
from staff.services.people import person_of


@dataclass(frozen=True, slots=True)
class Act:
    """A button; disabled where an obstacle says why."""

    label: Words
    url: str
    obstacle: str


class DebtPageView(RowView):
    url_name = "page"
    template_name = "admin/debts/page.html"

    row: Debt

    def rows(self) -> QuerySet[Any]:
        debts = super().rows().select_related("charge__trip__store", "charge__trip__member")
        return with_owed_in_all(debts, seen_by=person_of(self.request))

    def get(self, request: HttpRequest) -> HttpResponse:
        debt = self.row
        trip, owed_in_all = debt.charge.trip, debt.owed_in_all  # type: ignore[attr-defined]
        return self.page(
            request,
            debt=_card(debt, request.user, _ask_again(debt, request.user)),
            trip=trip,
            store=trip.store,
            trip_tone=TRIP_TONES[trip.state],
            in_all=None if owed_in_all is None else Money(owed_in_all, debt.currency),
            may_view_trip=request.user.has_perm("orders.view_trip"),
            may_view_member=request.user.has_perm("loyalty.view_member"),
        )


def debt_card(charge: Charge | None, user: Any) -> dict[str, Any] | None:
    """None when nothing was ever owed, or this person may not see debts."""
    debt: Debt | None = getattr(charge, "debt", None)
    return _card(debt, user) if debt is not None and user.has_perm("payments.view_debt") else None


def _card(debt: Debt, user: Any, *more: Act) -> dict[str, Any]:
    """What there is to see and to do; `more` are further buttons."""
    settlements = list(debt.settlements.all())
    by_card = debt.amount - debt.lowered - debt.owed - sum(row.amount for row in settlements)
    obstacle = settlement_obstacle(debt.charge, debt)
    acts = [_act(NotePaymentView, debt, user, obstacle), _act(WaiveView, debt, user, obstacle)]
    acts.append(_act(WriteOffView, debt, user, write_off_obstacle(debt.charge, debt)))
    return {
        "row": debt,
        "tone": DEBT_TONES[DebtState(debt.state)],
        "settlements": settlements,
        "by_card": Money(by_card, debt.currency),
        "acts": [*acts, *more],
    }


def _act(view: type[DebtActionView], debt: Debt, user: Any, obstacle: str) -> Act:
    url = reverse(f"admin:payments_debt_{view.url_name}", args=[debt.pk])
    return Act(view.title, url, obstacle or ("" if user.has_perm(view.right) else missing_right(view.right)))


def _ask_again(debt: Debt, user: Any) -> Act:
    right = "payments.retry_charge"
    url = reverse("admin:orders_trip_retry_charge", args=[debt.charge.trip_id])
    obstacle = retry_obstacle(debt.charge) or ("" if user.has_perm(right) else missing_right(right))
    return Act(_("Ask again"), url, obstacle)
