"""The gate at an even pace, alone and while purchases flood the same machine."""

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench import databases
from bench.gate.calls import IDENTITY_KEYS
from bench.gate.paced import Paced, send_evenly
from bench.gate.programs import Program
from bench.load import Load, run_wrk
from bench.measure import SETTLE_SECONDS, WARM_UP_SECONDS
from bench.purchases import carts

PER_SECOND = 100
FLOOD_CONNECTIONS = 16
_HEAD_START_SECONDS = 1


@dataclass(frozen=True)
class Flooded:
    """`carts` is what the flood came to; `fault` is what is wrong between the answers and the rows."""

    alone: Paced
    in_flood: Paced
    carts: Load
    fault: str


def measure_flood(gate: Program, flooded: Program, *, rows: int, seconds: int) -> Flooded:
    """Both may be the same program. `rows`: how many members there are to ask about."""
    keys = IDENTITY_KEYS.keys(rows)
    databases.checkpoint(gate.database)
    _ask(gate, keys, WARM_UP_SECONDS)
    scans_before, trips_before = gate.stored(IDENTITY_KEYS), _trips(flooded)
    alone = _ask(gate, keys, seconds)
    databases.checkpoint(gate.database)
    with ThreadPoolExecutor(1) as thread:
        flood = thread.submit(
            run_wrk,
            flooded.server.url_of(carts.PATH),
            template=carts.cart_template(8),
            connections=FLOOD_CONNECTIONS,
            seconds=seconds + 2 * _HEAD_START_SECONDS,
        )
        time.sleep(_HEAD_START_SECONDS)
        in_flood = _ask(gate, keys, seconds)
        load = flood.result()
    time.sleep(SETTLE_SECONDS)
    scans, trips = gate.stored(IDENTITY_KEYS) - scans_before, _trips(flooded) - trips_before
    return Flooded(alone, in_flood, load, "; ".join(_faults((alone, in_flood), load, scans, trips)))


def _ask(gate: Program, keys: Sequence[str], seconds: int) -> Paced:
    bodies = [IDENTITY_KEYS.body(key) for key in random.choices(keys, k=PER_SECOND * seconds)]
    return send_evenly(gate.server.port, IDENTITY_KEYS.path, bodies, per_second=PER_SECOND)


def _trips(program: Program) -> int:
    with program.database.connect() as connection:
        return connection.execute("SELECT count(*) FROM orders_trip").fetchone()[0]


def _faults(asked: Sequence[Paced], load: Load, scans: int, trips: int) -> list[str]:
    """wrk leaves up to one cart per connection unanswered when it stops, and such a cart may be stored."""
    faults = []
    sent, accepted = (sum(getattr(one, name) for one in asked) for name in ("sent", "accepted"))
    if not sent == accepted == scans:
        faults.append(f"{sent} calls, {accepted} accepted, {scans} rows stored")
    if load.faults or not load.requests <= trips <= load.requests + FLOOD_CONNECTIONS:
        faults.append(f"{load.requests} carts acknowledged, {load.faults} refused, {trips} stored")
    return faults
