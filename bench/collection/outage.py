"""An outage: Amazon refuses connections while trips fall due, then is back while carts keep coming in.

Soon after it is back it answers 429 with Retry-After for a while.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import correlation
from threading import Event

from bench.collection.measure import new_trip_ids
from bench.collection.ours import Ours
from bench.collection.processes import STALL_SECONDS, wait_until_none
from bench.collection.programs import faults_in
from bench.collection.stand_in import StandIn
from bench.connection import Connection
from bench.cpu import largest_resident_mb
from bench.purchases import carts
from bench.target import running_granian

_PARTS_PER_SECOND = 2
_BUSY_AFTER_SECONDS = 1
_BUSY_SECONDS = 2

_MOST_FAILURES = "SELECT coalesce(max(failed_attempts), 0) FROM payments_charge WHERE next_attempt_at IS NOT NULL"


@dataclass(frozen=True)
class Outage:
    backlog: int
    most_failures: int  # of one trip, when Amazon was back
    seconds: float  # from then until the last trip of the backlog was captured
    came_in: int  # new carts in this time
    age_correlation: float  # Spearman's, of the order of captures with the order in which the backlog fell due
    told_to_wait: int
    early: int  # calls that were made again before their Retry-After was over
    meanwhile: int  # any calls of the host in such a time
    worker_mb: float
    faults: Sequence[str]

    @property
    def drained_per_second(self) -> float:
        return self.backlog / self.seconds

    @property
    def came_in_per_second(self) -> float:
        return self.came_in / self.seconds

    def in_short(self) -> str:
        found = f", FAULT: {'; '.join(self.faults)}" if self.faults else ""
        return (
            f"backlog of {self.backlog:,} drained at {self.drained_per_second:.1f}/s while carts came in at "
            f"{self.came_in_per_second:.1f}/s, by age {self.age_correlation:.2f}; told to wait "
            f"{self.told_to_wait} times, {self.early} calls too early{found}"
        )


def measure_outage(ours: Ours, amazon: StandIn, *, backlog: int, seconds: float, per_second: float) -> Outage:
    trip_ids = new_trip_ids(backlog)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            ours.running_workers(folder) as workers,
            running_granian("web", ours.database, folder / "web.log", probed=carts.PATH) as web,
        ):
            amazon.expect(trip_ids)
            amazon.close()
            _fall_due(ours, trip_ids, seconds)
            (most_failures,) = ours.connection.execute(_MOST_FAILURES).fetchone()
            with _carts_coming_in(web.port, per_second) as came_in:
                returned = time.monotonic()
                amazon.open()
                time.sleep(_BUSY_AFTER_SECONDS)
                amazon.be_busy(_BUSY_SECONDS)
                # The back-off of the few that were tried may wait about as long again as the outage has lasted.
                wait_until_none(amazon.left, workers, seconds=STALL_SECONDS + 2 * seconds)
            wait_until_none(ours.left, workers)
            worker_mb = max(largest_resident_mb(worker.pid) for worker in workers)
    books = amazon.books()
    place = {trip_id: number for number, trip_id in enumerate(trip_ids)}
    drained = [(place[trip_id], at) for trip_id, at in books.captures if trip_id in place]
    every_trip = [*trip_ids, *came_in]
    return Outage(
        backlog=backlog,
        most_failures=most_failures,
        seconds=max(at for _, at in drained) - returned,
        came_in=len(came_in),
        age_correlation=correlation([number for number, _ in drained], range(len(drained))),
        told_to_wait=books.told_to_wait,
        early=books.early,
        meanwhile=books.meanwhile,
        worker_mb=worker_mb,
        faults=[*faults_in(books, every_trip), *ours.faults(every_trip)],
    )


def _fall_due(ours: Ours, trip_ids: Sequence[str], seconds: float) -> None:
    """One part after the other, evenly in this time."""
    parts = max(round(seconds * _PARTS_PER_SECOND), 1)
    started = time.monotonic()
    for number in range(parts):
        time.sleep(max(started + number / _PARTS_PER_SECOND - time.monotonic(), 0))
        ours.come_in(trip_ids[len(trip_ids) * number // parts : len(trip_ids) * (number + 1) // parts])
    time.sleep(max(started + seconds - time.monotonic(), 0))


@contextmanager
def _carts_coming_in(port: int, per_second: float) -> Iterator[list[str]]:
    """An even stream of carts for the connector during the block; afterwards the trips of those it has accepted."""
    accepted: list[str] = []
    is_over = Event()
    template = carts.cart_template(8)

    def send() -> None:
        started, number = time.monotonic(), 0
        with closing(Connection(port)) as connection:
            while not is_over.wait(max(started + number / per_second - time.monotonic(), 0)):
                (trip_id,) = new_trip_ids(1)
                status, answer = connection.send(carts.PATH, carts.cart_body(template, trip_id))
                if status != 201:
                    raise SystemExit(f"A cart was answered {status}: {answer[:300]!r}")
                accepted.append(trip_id)
                number += 1

    with ThreadPoolExecutor(1) as thread:
        sender = thread.submit(send)
        try:
            yield accepted
        finally:
            is_over.set()
        sender.result()
