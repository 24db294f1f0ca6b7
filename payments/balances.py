"""Where the money of a charge is, computed from its events alone: pure, no database."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from core.money import Money


class Event(Protocol):
    """What is read of a PaymentEvent."""

    kind: str
    phase: str
    amount: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class Balances:
    """`outstanding` is the open debt; `refundable` already leaves out refunds that are on their way."""

    authorized: Money
    captured: Money
    refunded: Money
    refund_pending: Money
    outstanding: Money

    @property
    def refundable(self) -> Money:
        return self.captured - self.refunded - self.refund_pending

    @property
    def net(self) -> Money:
        return self.captured - self.refunded


# What leaves the hold at the event's amount; a cancelled hold has none.
_SETS_THE_HOLD = {("adjust", "succeeded"), ("adjust", "declined"), ("cancel", "succeeded")}


def compute(events: Iterable[Event], currency: str) -> Balances:
    """Raises ValueError when an event is in another currency."""
    authorized = Money.zero(currency)
    sums: defaultdict[tuple[str, str], Money] = defaultdict(lambda: Money.zero(currency))
    for event in events:
        what = (event.kind, event.phase)
        amount = Money.zero(currency) if event.amount is None else Money(event.amount, event.currency)
        sums[what] += amount
        if what in _SETS_THE_HOLD:
            authorized = amount
    captured, refunded = sums["capture", "succeeded"], sums["refund", "succeeded"]
    not_given = sums["refund", "failed"] + sums["refund", "rejected"] + sums["refund", "disproved"]
    return Balances(
        # Where one call takes the money, no event before it has authorized any.
        authorized=max(authorized, captured),
        captured=captured,
        refunded=refunded,
        refund_pending=sums["refund", "requested"] - refunded - not_given,
        outstanding=sums["debt", "opened"] - sums["debt", "paid"] - sums["debt", "waived"],
    )
