"""One measurement: carts of one kind for one program."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bench import load
from bench.databases import Database
from bench.load import Load
from bench.measure import Measurement, measure
from bench.purchases import carts, floor
from bench.purchases.services import Service, Stored
from bench.services import Server


@dataclass(frozen=True)
class Scenario:
    name: str
    lines: int
    copies: int
    connections: int

    @property
    def title(self) -> str:
        return f"{self.name}, {self.connections} connections"


def measure_floor(database: Database, postmaster: int, scenario: Scenario, seconds: int) -> Measurement:
    def send(duration: int) -> Load:
        return floor.run_pgbench(database, lines=scenario.lines, connections=scenario.connections, seconds=duration)

    return _measured(send, floor.stored(database), postmaster, scenario, seconds, server=None)


def measure_service(service: Service, postmaster: int, scenario: Scenario, seconds: int) -> Measurement:
    def send(duration: int) -> Load:
        return load.run_wrk(
            service.url,
            template=carts.cart_template(scenario.lines),
            copies=scenario.copies,
            connections=scenario.connections,
            seconds=duration,
        )

    return _measured(send, service.stored, postmaster, scenario, seconds, server=service.server)


def _measured(
    send: Callable[[int], Load],
    stored: Stored,
    postmaster: int,
    scenario: Scenario,
    seconds: int,
    *,
    server: Server | None,
) -> Measurement:
    return measure(
        send,
        seconds=seconds,
        server=server,
        database=stored.database,
        postmaster=postmaster,
        count=stored.count,
        fault=partial(_fault, scenario, stored),
    )


def _fault(scenario: Scenario, stored: Stored, result: Load, before: tuple[int, int], after: tuple[int, int]) -> str:
    """What is wrong between the answers and the rows; empty when nothing is.

    wrk leaves up to one cart per connection unanswered when it stops, and such a cart may be stored; the last cart of
    each of its threads may have been sent fewer times than the others.
    """
    trips, parts = after[0] - before[0], after[1] - before[1]
    least = -(-result.requests // scenario.copies)
    most = (result.requests + scenario.connections + load.THREADS * (scenario.copies - 1)) // scenario.copies
    if not least <= trips <= most:
        return f"{trips} trips stored, {least} to {most} acknowledged"
    expected = trips * (scenario.lines if stored.parts_per_line else 1)
    if parts != expected:
        return f"{parts} rows of {stored.parts} for {trips} trips, not {expected}"
    return ""
