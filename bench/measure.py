"""One measurement: load on one program, with everybody's processor time and the rows before and after."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bench import databases
from bench.cpu import largest_resident_mb, machine_seconds, process_seconds, process_tree, tree_seconds
from bench.databases import Database
from bench.load import Load
from bench.services import Server

FLOOR = "floor"
WARM_UP_SECONDS = 1
SETTLE_SECONDS = 0.4  # calls still under way when the load ends are stored in this time

Rows = TypeVar("Rows")


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


def measure(
    send: Callable[[int], Load],
    *,
    seconds: int,
    server: Server | None,
    database: Database,
    postmaster: int,
    count: Callable[[], Rows],
    fault: Callable[[Load, Rows, Rows], str],
) -> Measurement:
    """`send` makes the load for so many seconds; `fault` is asked with the rows counted before and after it.

    Without a server it is the load tool that is measured.
    """
    databases.checkpoint(database)
    send(WARM_UP_SECONDS)
    time.sleep(SETTLE_SECONDS)
    rows_before = count()

    app_before = _tree_by_process(server)
    tool_before, database_before, machine_before = _children_seconds(), tree_seconds(postmaster), machine_seconds()
    started = time.monotonic()
    result = send(seconds)
    elapsed = time.monotonic() - started
    tool = _children_seconds() - tool_before
    database_seconds = tree_seconds(postmaster) - database_before
    machine = machine_seconds() - machine_before
    app = {pid: spent - app_before.get(pid, 0) for pid, spent in _tree_by_process(server).items()}

    time.sleep(SETTLE_SECONDS)
    app_seconds = sum(app.values()) if server else tool
    others = machine - database_seconds - tool - sum(app.values())
    requests = max(result.requests, 1)
    return Measurement(
        load=result,
        app_ms=app_seconds * 1000 / requests,
        database_ms=database_seconds * 1000 / requests,
        busiest_worker_share=max(app.values()) / app_seconds if server and app_seconds else 0,
        others_cores=max(others, 0) / elapsed,
        worker_mb=largest_resident_mb(server.pid) if server else 0,
        fault=f"{result.faults} answers were no success" if result.faults else fault(result, rows_before, count()),
    )


def in_short(one: Measurement) -> str:
    return (
        f"{one.load.per_second:,.0f}/s, p99 {one.load.p99_ms:.1f} ms, processor {one.app_ms:.3f} ms "
        f"and PostgreSQL {one.database_ms:.3f} ms{f', FAULT: {one.fault}' if one.fault else ''}"
    )


def _children_seconds() -> float:
    """Processor time of the load tools that have ended: pgbench or wrk."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _tree_by_process(server: Server | None) -> dict[int, float]:
    """No process of a web program ends during a measurement, so the live ones are all there are."""
    return {pid: process_seconds(pid) for pid in process_tree(server.pid)} if server else {}
