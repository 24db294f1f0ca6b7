"""What else can be done on a trip's page: the rare things, the dangerous ones last."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.admin import missing_right
from core.languages import Words
from orders.models import Trip
from payments.admin.adjust import AdjustView
from payments.admin.contest_actions import OpenContestView
from payments.admin.debt_note import NoteAsDebtView
from payments.admin.receipts import ResendReceiptView
from payments.admin.retries import RetryChargeView
from payments.models import Charge
from payments.services.adjustments import adjustment_obstacle
from payments.services.collection import retry_obstacle
from payments.services.receipts import resend_obstacle
from payments.services.uncollectable import debt_obstacle
from payments.states import ChargeState

# Once it has failed; while somebody is being asked, the item says so.
_MAY_BE_ASKED_AGAIN = set(ChargeState) - {
    ChargeState.CAPTURED,
    ChargeState.PARTLY_CAPTURED,
    ChargeState.CANCELLED,
    ChargeState.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class MenuItem:
    """Disabled where an obstacle says why. `is_elsewhere`: it opens a page that is not the staff's."""

    label: Words
    url: str
    icon: str
    obstacle: str = ""
    is_elsewhere: bool = False
    is_dangerous: bool = False


def menu_of(trip: Trip, charge: Charge | None, user: Any) -> list[MenuItem]:
    receipt = getattr(charge, "receipt", None)
    items = [
        _act(trip, AdjustView, user, "tune", adjustment_obstacle(trip, charge)),
        _act(trip, OpenContestView, user, "contract_edit", ""),
    ]
    if receipt is not None:
        page = reverse("receipt", args=[receipt.token])
        items.append(MenuItem(_("View and print as the shopper"), page, "receipt_long", is_elsewhere=True))
        items.append(_act(trip, ResendReceiptView, user, "forward_to_inbox", resend_obstacle(receipt)))
    if charge is not None and charge.state in _MAY_BE_ASKED_AGAIN:
        items.append(_act(trip, RetryChargeView, user, "replay", retry_obstacle(charge)))
    if charge is not None and charge.state == ChargeState.FAILED:
        items.append(_act(trip, NoteAsDebtView, user, "money_off", debt_obstacle(charge), is_dangerous=True))
    return items


def _act(trip: Trip, view: Any, user: Any, icon: str, obstacle: str, *, is_dangerous: bool = False) -> MenuItem:
    url = reverse(f"admin:orders_trip_{view.url_name}", args=[trip.pk])
    refusal = obstacle or ("" if user.has_perm(view.right) else missing_right(view.right))
    return MenuItem(view.title, url, icon, refusal, is_dangerous=is_dangerous)
