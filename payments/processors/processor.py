"""What a processor is: whoever takes a member's money for a trip that Amazon does not collect.

CONTRIBUTING.md says how to add one.
"""

from dataclasses import dataclass
from typing import Protocol

from core.money import Money
from loyalty.models import Member
from stores.models import Store


@dataclass(frozen=True, slots=True)
class Order:
    """What a member is to pay for a trip. `key` is the same on every try, and no other order has it."""

    key: str
    amount: Money
    member: Member
    store: Store
    amazon_trip_id: str


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What is to be given back of the payment `remote_id`. `key` is the same on every try."""

    key: str
    amount: Money
    remote_id: str
    store: Store
    amazon_trip_id: str


@dataclass(frozen=True, slots=True)
class Taken:
    """`remote_id`: what the processor calls the payment, at most 300 characters."""

    remote_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Declined:
    """Nothing was taken, and the member owes it. The reason is written for staff."""

    reason: str


class Processor(Protocol):
    """Every function may raise, from amazon.outbound.errors: NotSent (nothing has happened, ask again later),
    OutcomeUnknown (it may have happened) and Refused (it has not, and a person must look). None is called within a
    transaction. Whoever calls others over a network writes each call into the journal (OutboundCall), without secrets.
    """

    def charge(self, order: Order) -> Taken | Declined:
        """Take the money: once for a key, however often it is asked to."""

    def look_up(self, order: Order) -> Taken | Declined | None:
        """What became of the order; None when it is certain that nothing was taken under its key."""

    def refund(self, order: RefundOrder) -> str:
        """Give money back: once for a key. Returns what the processor calls the refund."""
