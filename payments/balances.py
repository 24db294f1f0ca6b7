"""Where the money of a charge is, computed from its events alone: pure, no database."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, Self

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

    @classmethod
    def zero(cls, currency: str) -> Self:
        nothing = Money.zero(currency)
        return cls(nothing, nothing, nothing, nothing, nothing)

    @property
    def refundable(self) -> Money:
        return self.captured - self.refunded - self.refund_pending

    @property
    def net(self) -> Money:
        return self.captured - self.refunded


# What leaves the hold at the event's amount; a cancelled hold has none.
_SETS_THE_HOLD = {("adjust", "succeeded"), ("adjust", "declined"), ("cancel", "succeeded")}
# How a refund ends that gives nothing back.
NOT_GIVEN = ("failed", "rejected", "withdrawn", "disproved")


def compute(events: Iterable[Event], currency: str) -> Balances:
    """Raises ValueError when an event is in another currency."""
    sums = _Sums(currency)
    for event in events:
        sums.add(event)
    return sums.balances()


def after_each(events: Iterable[Event], currency: str) -> Iterator[Balances]:
    """As they stand after the first event, after the second, and so on."""
    sums = _Sums(currency)
    for event in events:
        sums.add(event)
        yield sums.balances()


class _Sums:
    def __init__(self, currency: str) -> None:
        self._zero = self._authorized = Money.zero(currency)
        self._sums: defaultdict[tuple[str, str], Money] = defaultdict(lambda: self._zero)

    def add(self, event: Event) -> None:
        what = (event.kind, event.phase)
        amount = self._zero if event.amount is None else Money(event.amount, event.currency)
        self._sums[what] += amount
        if what in _SETS_THE_HOLD:
            self._authorized = amount

    def balances(self) -> Balances:
        sums = self._sums
        captured, refunded = sums["capture", "succeeded"], sums["refund", "succeeded"]
        not_given = sum((sums["refund", phase] for phase in NOT_GIVEN), self._zero)
        owed = sums["debt", "opened"] - sums["debt", "paid"] - sums["debt", "waived"] - sums["debt", "lowered"]
        return Balances(
            # Where one call takes the money, no event before it has authorized any.
            authorized=max(self._authorized, captured),
            captured=captured,
            refunded=refunded,
            refund_pending=sums["refund", "requested"] - refunded - not_given,
            outstanding=owed,
        )
