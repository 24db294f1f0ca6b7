"""One measurement: trips that fall due together, until all are collected, with everybody's processor time."""

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from bench.collection.processes import Process, wait_until_none
from bench.collection.programs import Program, faults_in
from bench.collection.stand_in import StandIn
from bench.cpu import largest_resident_mb, machine_seconds, tree_seconds

_WARM_UP_TRIPS = 20


@dataclass(frozen=True)
class Collected:
    """Milliseconds of processor time per trip, until nothing that follows from collecting is left to be done."""

    trips: int
    seconds: float  # from the first call until the last capture
    first_call_seconds: float  # from when the trips fell due
    whole_seconds: float  # from then until nothing is left to be done
    app_ms: float
    database_ms: float
    worker_mb: float
    others_cores: float  # processor time of everything else on the machine, in cores
    faults: Sequence[str]

    @property
    def per_second(self) -> float:
        return self.trips / self.seconds

    def in_short(self) -> str:
        found = f", FAULT: {'; '.join(self.faults)}" if self.faults else ""
        return (
            f"{self.per_second:,.0f} trips/s, processor {self.app_ms:.2f} ms and PostgreSQL {self.database_ms:.3f} ms "
            f"per trip, {self.worker_mb:.0f} MB{found}"
        )


class Meter:
    """Processor time since it was made: of the process trees `roots`, of PostgreSQL, and of the rest of the machine."""

    def __init__(self, postmaster: int, roots: Sequence[int]) -> None:
        self._trees = {"app": roots, "database": [postmaster], "all of the benchmark": [os.getpid()]}
        self._started = time.monotonic()
        self._before = self._now()

    def read(self) -> tuple[float, float, float]:
        """Seconds of the trees and of PostgreSQL, and what the rest used, in cores."""
        spent = {name: seconds - self._before[name] for name, seconds in self._now().items()}
        others = spent["machine"] - spent["database"] - spent["all of the benchmark"]
        return spent["app"], spent["database"], max(others, 0) / (time.monotonic() - self._started)

    def _now(self) -> dict[str, float]:
        seconds = {name: sum(tree_seconds(root) for root in roots) for name, roots in self._trees.items()}
        return seconds | {"machine": machine_seconds()}


def measure(program: Program, amazon: StandIn, postmaster: int, *, trips: int) -> Collected:
    """With new workers, which have collected a few trips before."""
    with tempfile.TemporaryDirectory() as folder, program.running_workers(Path(folder)) as workers:
        _collect(program, amazon, postmaster, workers, _WARM_UP_TRIPS)
        return _collect(program, amazon, postmaster, workers, trips)


def new_trip_ids(count: int) -> list[str]:
    return [str(uuid4()) for _ in range(count)]


def _collect(program: Program, amazon: StandIn, postmaster: int, workers: Sequence[Process], trips: int) -> Collected:
    trip_ids = new_trip_ids(trips)
    program.store(trip_ids)
    amazon.expect(trip_ids)
    meter = Meter(postmaster, [worker.pid for worker in workers])
    started = program.start()
    wait_until_none(amazon.left, workers)
    wait_until_none(program.left, workers)
    whole_seconds = time.monotonic() - started
    app, database, others = meter.read()
    books = amazon.books()
    return Collected(
        trips=trips,
        seconds=max(at for _, at in books.captures) - books.first_call,
        first_call_seconds=books.first_call - started,
        whole_seconds=whole_seconds,
        app_ms=app * 1000 / trips,
        database_ms=database * 1000 / trips,
        worker_mb=max(largest_resident_mb(worker.pid) for worker in workers),
        others_cores=others,
        faults=[*faults_in(books, trip_ids), *program.faults(trip_ids)],
    )
