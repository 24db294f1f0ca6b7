"""One measurement: load of one kind on one program, with everybody's processor time and the rows before and after."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.purchases import databases, floor, load
from bench.purchases.cpu import largest_resident_mb, machine_seconds, process_seconds, process_tree, tree_seconds
from bench.purchases.databases import Database
from bench.purchases.load import Load
from bench.purchases.services import Service, Stored

FLOOR = "floor"
_WARM_UP_SECONDS = 1
_SETTLE_SECONDS = 0.4  # carts still under way when wrk stops are stored in this time


@dataclass(frozen=True)
class Scenario:
    name: str
    lines: int
    copies: int
    connections: int

    @property
    def title(self) -> str:
        return f"{self.name}, {self.connections} connections"


@dataclass(frozen=True)
class Measurement:
    """Milliseconds of processor time per answered request; for the floor, `app_ms` is that of pgbench."""

    load: Load
    app_ms: float
    database_ms: float
    busiest_worker_share: float  # of the program's processor time
    others_cores: float  # processor time of everything else on the machine, in cores
    worker_mb: float
    fault: str

    @property
    def total_ms(self) -> float:
        return self.app_ms + self.database_ms


def measure_floor(database: Database, postmaster: int, scenario: Scenario, seconds: int) -> Measurement:
    def send(duration: int) -> Load:
        return floor.run_pgbench(database, lines=scenario.lines, connections=scenario.connections, seconds=duration)

    return _measure(send, floor.stored(database), postmaster, scenario, seconds, service=None)


def measure_service(service: Service, postmaster: int, scenario: Scenario, seconds: int) -> Measurement:
    def send(duration: int) -> Load:
        return load.run_wrk(
            service.url,
            lines=scenario.lines,
            copies=scenario.copies,
            connections=scenario.connections,
            seconds=duration,
        )

    return _measure(send, service.stored, postmaster, scenario, seconds, service=service)


def _measure(
    send: Callable[[int], Load],
    stored: Stored,
    postmaster: int,
    scenario: Scenario,
    seconds: int,
    *,
    service: Service | None,
) -> Measurement:
    databases.checkpoint(stored.database)
    send(_WARM_UP_SECONDS)
    time.sleep(_SETTLE_SECONDS)
    rows_before = stored.count()

    app_before = _tree_by_process(service)
    tool_before, database_before, machine_before = _children_seconds(), tree_seconds(postmaster), machine_seconds()
    started = time.monotonic()
    result = send(seconds)
    elapsed = time.monotonic() - started
    tool = _children_seconds() - tool_before
    database = tree_seconds(postmaster) - database_before
    machine = machine_seconds() - machine_before
    app = {pid: spent - app_before.get(pid, 0) for pid, spent in _tree_by_process(service).items()}

    time.sleep(_SETTLE_SECONDS)
    rows_after = stored.count()
    app_seconds = sum(app.values()) if service else tool
    others = machine - database - tool - sum(app.values())
    requests = max(result.requests, 1)
    return Measurement(
        load=result,
        app_ms=app_seconds * 1000 / requests,
        database_ms=database * 1000 / requests,
        busiest_worker_share=max(app.values()) / app_seconds if service and app_seconds else 0,
        others_cores=max(others, 0) / elapsed,
        worker_mb=largest_resident_mb(service.pid) if service else 0,
        fault=_fault(result, scenario, stored, rows_before, rows_after),
    )


def _children_seconds() -> float:
    """Processor time of the load tools that have ended: pgbench or wrk."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _tree_by_process(service: Service | None) -> dict[int, float]:
    """No process of a web program ends during a measurement, so the live ones are all there are."""
    return {pid: process_seconds(pid) for pid in process_tree(service.pid)} if service else {}


def _fault(result: Load, scenario: Scenario, stored: Stored, before: tuple[int, int], after: tuple[int, int]) -> str:
    """What is wrong between the answers and the rows; empty when nothing is.

    wrk leaves up to one cart per connection unanswered when it stops, and such a cart may be stored; the last cart of
    each of its threads may have been sent fewer times than the others.
    """
    if result.faults:
        return f"{result.faults} answers were no success"
    trips, parts = after[0] - before[0], after[1] - before[1]
    least = -(-result.requests // scenario.copies)
    most = (result.requests + scenario.connections + load.THREADS * (scenario.copies - 1)) // scenario.copies
    if not least <= trips <= most:
        return f"{trips} trips stored, {least} to {most} acknowledged"
    expected = trips * (scenario.lines if stored.parts_per_line else 1)
    if parts != expected:
        return f"{parts} rows of {stored.parts} for {trips} trips, not {expected}"
    return ""
