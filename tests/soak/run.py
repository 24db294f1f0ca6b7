"""A soak: shops are open and everything goes wrong, all of it from one seed; then the books are compared."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.races.processes import wait_until
from tests.soak.invariants import findings, what_waits
from tests.soak.staff import Staff
from tests.soak.troubles import ALL, Trouble, Troublemaker
from tests.soak.visits import Gate
from tests.soak.world import World, running_world

VISIT_PAUSE_SECONDS = 0.1
REFUND_PAUSE_SECONDS = 0.25
SECONDS_TO_SETTLE = 60.0
MOST_SECONDS_TO_REFUND = 120.0


@dataclass(frozen=True)
class Report:
    summary: str
    findings: list[str]

    def __str__(self) -> str:
        return "\n".join([self.summary, *self.findings, f"{len(self.findings)} findings"])


def soak(
    folder: Path,
    *,
    seed: int,
    seconds: float,
    patience: float = SECONDS_TO_SETTLE,
    mutants: str = "",
    troubles: list[Trouble] | None = None,
    refunds: int = 0,
) -> Report:
    """Shops are open for so many seconds, on a slow machine until so many refunds are granted; what waits `patience`
    seconds later is a finding.
    """
    with running_world(folder, seed, mutants) as world:
        gate = Gate(seed, world.sandbox.url, lambda: world.web.port)
        staff = Staff(seed, gate.acknowledged, lambda: world.web.port)
        troublemaker = Troublemaker(world, seed, troubles or ALL)
        opened = time.monotonic()
        with open_shops(gate, staff):
            while (passed := time.monotonic() - opened) < seconds or (
                len(staff.granted) < refunds and passed < MOST_SECONDS_TO_REFUND
            ):
                troublemaker.make_trouble()
        settle(world, patience)
        summary = (
            f"{len(gate.acknowledged)} carts, {len(staff.granted)} refunds; troubles {dict(troublemaker.made)}\n"
            f"the gate heard {dict(gate.answers)}, the staff {dict(staff.answers)}"
        )
        own_faults = [f"{who.answers[500]} answers were 500" for who in (gate, staff) if who.answers[500]]
        return Report(summary, [*gate.broken_promises, *own_faults, *examine(world, gate, staff)])


@contextmanager
def open_shops(gate: Gate, staff: Staff) -> Iterator[None]:
    """Visits and refunds while the block runs."""
    closing = threading.Event()

    def keep(act: Callable[[], None], pause: float) -> None:
        while not closing.wait(pause):
            act()

    with ThreadPoolExecutor(2) as threads:
        people = [
            threads.submit(keep, gate.visit, VISIT_PAUSE_SECONDS),
            threads.submit(keep, staff.give_back, REFUND_PAUSE_SECONDS),
        ]
        try:
            yield
        finally:
            closing.set()
        for person in people:
            person.result()


def settle(world: World, patience: float) -> None:
    """Until nothing waits."""
    with world.cluster.connect() as connection, suppress(TimeoutError):
        wait_until(lambda: not what_waits(connection), seconds=patience, pause=0.2)


def examine(world: World, gate: Gate, staff: Staff) -> Iterator[str]:
    books = {trip["trip_id"]: trip for trip in world.sandbox.books()}
    with world.cluster.connect() as connection:
        yield from findings(connection, gate.acknowledged, staff.granted, books)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    days = ["--from", f"{yesterday}", "--to", f"{yesterday + timedelta(days=1)}"]
    reconciled = world.manage("reconcile", *days)
    if reconciled.returncode:
        yield f"reconcile ended with {reconciled.returncode}: {reconciled.stdout[-2000:]}{reconciled.stderr[-500:]}"
