"""What of a trip can be refunded now, and if nothing can, why. Reads only; refunds.py decides under its lock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from core.money import ZERO, Money
from orders.models import Line, Trip
from orders.states import UNCOLLECTED, TripState
from payments.balances import Balances
from payments.models import Charge, RefundLine
from payments.services.dash_cart_holds import pays_for
from payments.services.refundable import BY_AMAZON, NOT_FAILED, line_refund, refund_ends_at
from stores.models import PaymentFlow


@dataclass(frozen=True, slots=True)
class RefundableLine:
    """A line of the trip and how much of it was given back or is on its way."""

    line: Line
    already: Decimal

    @property
    def given(self) -> list[RefundLine]:
        """Its parts that are refunded or on their way."""
        return [part for part in self.line.refund_lines.all() if part.refund.state in NOT_FAILED]

    @property
    def already_worth(self) -> Decimal:
        return sum((part.amount for part in self.given), ZERO)

    @property
    def left(self) -> Decimal:
        return self.line.quantity - self.already

    @property
    def is_counted(self) -> bool:
        """Pieces, not a weight."""
        return self.line.quantity == self.line.quantity.to_integral_value()


@dataclass(frozen=True, slots=True)
class RefundTerms:
    """`obstacle` says why no refund can be asked for; it is empty when one can.

    What somebody refunds of the trip above `approval_above` awaits a second person; None: never.
    """

    balances: Balances
    lines: list[RefundableLine]
    ends_at: datetime | None
    window_days: int
    approval_above: Money | None
    obstacle: str

    @property
    def left(self) -> Money:
        return self.balances.refundable

    @property
    def items_add_up(self) -> bool:
        """Whether all items that are left come to exactly what is left: not after an amount without items was given
        back, nor where the card paid only a part."""
        worth = sum((line_refund(row.line, row.already, row.left, row.already_worth) for row in self.lines), ZERO)
        return worth == self.left.amount


def refund_terms(
    trip: Trip,
    charge: Charge | None,
    balances: Balances,
    now: datetime | None = None,
    *,
    given: Mapping[int, Decimal],
) -> RefundTerms:
    """`given` is what of each line (by pk) is refunded or on its way (payments.services.refundable)."""
    days = trip.store.refund_window_days
    ends_at = refund_ends_at(charge, days) if charge else None
    limit = trip.store.refund_approval_above
    return RefundTerms(
        balances=balances,
        lines=[RefundableLine(line, given.get(line.pk, ZERO)) for line in trip.lines.all()],
        ends_at=ends_at,
        window_days=days,
        approval_above=None if limit is None else Money(limit, trip.store.currency),
        obstacle=refund_obstacle(trip, charge, balances, now),
    )


def refund_obstacle(trip: Trip, charge: Charge | None, balances: Balances, now: datetime | None = None) -> str:
    """Why nothing of the trip can be refunded now; empty when something can."""
    ends_at = refund_ends_at(charge, trip.store.refund_window_days) if charge else None
    if trip.state == TripState.PRICED and pays_for(trip):
        return _("A Dash Cart collects this trip from a member's house account; it cannot be refunded here.")
    if trip.state in UNCOLLECTED:
        return _("Nothing is captured yet, so nothing can be refunded.")
    if charge is None or ends_at is None or not balances.captured:
        return _("Nothing was captured for this trip, so nothing can be refunded.")
    if charge.flow == PaymentFlow.CHECKOUT_SERVICE:
        return str(BY_AMAZON)
    if balances.refundable.amount <= 0:
        return _("All that was captured is refunded or on its way back.")
    if (now or datetime.now(UTC)) > ends_at:
        return _("The refund window of %(refund_window_days)s days after the capture has ended.") % {
            "refund_window_days": trip.store.refund_window_days
        }
    return ""
