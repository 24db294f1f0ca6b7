"""What of a trip can be refunded now, and if nothing can, why. Reads only; refunds.py decides under its lock."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from core.money import Money
from orders.models import Line, Trip
from orders.states import UNCOLLECTED
from payments.balances import Balances
from payments.models import Charge
from payments.services.refundable import BY_AMAZON, refund_ends_at, refunded_quantities
from stores.models import PaymentFlow


@dataclass(frozen=True, slots=True)
class RefundableLine:
    """A line of the trip and how much of it was given back or is on its way."""

    line: Line
    already: Decimal

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


def refund_terms(trip: Trip, charge: Charge | None, balances: Balances, now: datetime | None = None) -> RefundTerms:
    days = trip.store.refund_window_days
    ends_at = refund_ends_at(charge, days) if charge else None
    given = refunded_quantities(trip)
    limit = trip.store.refund_approval_above
    return RefundTerms(
        balances=balances,
        lines=[RefundableLine(line, given[line.pk]) for line in trip.lines.all()],
        ends_at=ends_at,
        window_days=days,
        approval_above=None if limit is None else Money(limit, trip.store.currency),
        obstacle=_obstacle(trip, charge, balances, ends_at, now or datetime.now(UTC)),
    )


def _obstacle(trip: Trip, charge: Charge | None, balances: Balances, ends_at: datetime | None, now: datetime) -> str:
    if trip.state in UNCOLLECTED:
        return "Nothing is captured yet, so nothing can be refunded."
    if charge is None or ends_at is None or not balances.captured:
        return "Nothing was captured for this trip, so nothing can be refunded."
    if charge.flow == PaymentFlow.CHECKOUT_SERVICE:
        return BY_AMAZON
    if balances.refundable.amount <= 0:
        return "All that was captured is refunded or on its way back."
    if now > ends_at:
        return f"The refund window of {trip.store.refund_window_days} days after the capture has ended."
    return ""
