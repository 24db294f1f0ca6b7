"""What can be done to many trips at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from core.money import Money
from orders.models import Trip
from payments.models import BulkItem, BulkJob


@dataclass(frozen=True, slots=True)
class Plan:
    """What a job would do to a trip: an amount where money moves, or the obstacle for which it is left out."""

    trip: Trip
    amount: Money | None = None
    obstacle: str = ""


class BulkAct(Protocol):
    """Whoever plans the job needs the right, and still has it while it runs."""

    right: ClassVar[str]

    def plan(self, trips: Sequence[int]) -> Iterator[Plan]:
        """For the trips with these pks, in a fixed number of statements."""

    def act(self, job: BulkJob, item: BulkItem) -> str:
        """Do it, and say what was done. Runs in a transaction; raises DomainError when the trip does not allow it."""
