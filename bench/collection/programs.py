"""What is measured: something whose workers collect the trips that its database says are to be collected."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from bench.collection.amazon import Books
from bench.collection.processes import Process
from bench.databases import Database

CURRENCY = "USD"
TOTAL = "20.16"  # 8 lines of 2.52


class Program(Protocol):
    name: str
    database: Database

    def running_workers(self, folder: Path) -> AbstractContextManager[list[Process]]:
        """Its worker processes, with their logs in the folder."""

    def store(self, trip_ids: Sequence[str]) -> None:
        """Priced trips, which nobody collects before `start`. VACUUM and CHECKPOINT, so that all begin alike."""

    def start(self) -> float:
        """Let the stored trips be collected. Returns when that began, by time.monotonic."""

    def left(self) -> int:
        """How many rows say that something is still to be done, also of what follows from collecting."""

    def faults(self, trip_ids: Sequence[str]) -> list[str]:
        """What its rows say about these trips other than that each was collected once."""


def faults_in(books: Books, trip_ids: Sequence[str]) -> list[str]:
    """What Amazon's books say other than that each of these trips was captured once, and no other."""
    captures = Counter(trip_id for trip_id, _ in books.captures)
    missing = len(set(trip_ids) - captures.keys())
    strange = len(captures.keys() - set(trip_ids))
    again = sum(1 for times in captures.values() if times > 1)
    found = {"never captured": missing, "captured but not to be": strange, "captured more than once": again}
    return [f"{number} trips were {what}" for what, number in found.items() if number]
