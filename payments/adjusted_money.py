"""What follows for the money when a trip that was asked for comes to cost less: pure, no database.

First the shopper owes less; what they have paid beyond the new total goes back to the card. What is to be collected
never falls below what was taken and settled, so that the two and the debt always add up to it.
"""

from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO


class PaidInStore(Exception):
    """More than the new total was paid in the store. `amount` was."""

    def __init__(self, amount: Decimal) -> None:
        super().__init__(str(amount))
        self.amount = amount


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the money of a trip is. `settled` was paid in the store or waived, `waived` is the part that nobody paid;
    `committed` is refunded or on its way back."""

    total: Decimal
    to_collect: Decimal
    captured: Decimal
    settled: Decimal = ZERO
    waived: Decimal = ZERO
    committed: Decimal = ZERO

    @property
    def owed(self) -> Decimal:
        return self.to_collect - self.captured - self.settled

    @property
    def in_store(self) -> Decimal:
        return self.settled - self.waived

    @property
    def paid(self) -> Decimal:
        return self.captured + self.in_store

    @property
    def left(self) -> Decimal:
        """What can still go back to the card."""
        return self.captured - self.committed


@dataclass(frozen=True, slots=True)
class Consequence:
    """`gives_back` is to be refunded; `given_already` would be, had not as much been refunded before."""

    to_collect: Decimal
    lowers_debt: Decimal
    gives_back: Decimal
    given_already: Decimal


def lower(standing: Standing, total: Decimal) -> Consequence:
    """The trip costs `total`, no more than before. Raises PaidInStore."""
    if total < standing.in_store:
        raise PaidInStore(standing.in_store)
    to_collect = max(total, standing.captured + standing.settled)
    too_much = _above(standing.paid, total) - _above(standing.paid, standing.total)
    gives_back = min(too_much, standing.left)
    return Consequence(
        to_collect=to_collect,
        lowers_debt=standing.to_collect - to_collect,
        gives_back=gives_back,
        given_already=too_much - gives_back,
    )


def _above(paid: Decimal, total: Decimal) -> Decimal:
    return max(paid - total, ZERO)
