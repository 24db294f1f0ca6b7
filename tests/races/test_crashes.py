"""Web workers and PostgreSQL are killed while Amazon delivers (reliability.md, row 1): no acknowledged cart is lost.

CRASH_SEED replays the carts and the order of the kills; a failed test shows its seed.
"""

import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.races.callers import Callers
from tests.races.postgres_cluster import Cluster
from tests.races.processes import WEB_WORKERS
from tests.races.scene import STORE, Scene, prepared
from tests.races.seeds import seed_of

pytestmark = pytest.mark.services

# Makes no difference to a commit that waits for the disk. One that does not wait is lost a little more surely.
LAZY_WRITER = {"wal_writer_delay": "10s", "wal_writer_flush_after": "1GB", "wal_buffers": "16MB"}

# The supervisor of granian's workers gives up when a worker that it has replaced dies again at once: each dies once.
KILLS = ["web worker"] * WEB_WORKERS + ["backend", "PostgreSQL, SIGKILL", "PostgreSQL, SIGQUIT"] * 3
KILLS_OF_THE_DATABASE = ["backend", "PostgreSQL, SIGKILL"] * 5


@pytest.fixture
def seed() -> int:
    return seed_of("CRASH_SEED")


def kill(what: str, scene: Scene, dice: Random) -> bool:
    match what:
        case "web worker":
            os.kill(scene.web.first_workers.pop(), signal.SIGKILL)
            return True
        case "backend":
            return scene.cluster.kill_a_backend(dice)
        case _:
            scene.cluster.kill_all(signal.SIGKILL if what.endswith("SIGKILL") else signal.SIGQUIT)
            scene.cluster.start()
            return True


def crash_while_amazon_calls(scene: Scene, seed: int, kills: list[str], *, pause: tuple[float, float]) -> Callers:
    dice = Random(seed)
    callers = Callers(scene.web.port, STORE, seed)
    done: Counter[str] = Counter()
    with callers.calling():
        for what in dice.sample(kills, len(kills)):
            time.sleep(dice.uniform(*pause))
            done[what] += kill(what, scene, dice)
        time.sleep(pause[1])
        scene.cluster.start()
    sys.stdout.write(f"kills: {dict(done)}\nanswers: {dict(callers.answers)}, {callers.resent} sent again\n")
    sys.stdout.write(f"{len(callers.acknowledged)} acknowledged; silence {callers.longest_silence:.1f} s at most\n")
    return callers


def what_is_stored(cluster: Cluster) -> dict[str, list[tuple[Any, ...]]]:
    """By trip id: body, number of items, state, and whether it is due, of each row."""
    query = """
        SELECT trip.amazon_trip_id, trip.id, cart.body, trip.item_count, trip.state, trip.next_attempt_at IS NOT NULL
        FROM orders_trip AS trip FULL JOIN orders_cart AS cart ON cart.trip_id = trip.id
    """
    stored: dict[str, list[tuple[Any, ...]]] = {}
    with cluster.connect() as connection:
        for trip_id, *row in connection.execute(query).fetchall():
            stored.setdefault(trip_id, []).append(tuple(row))
    return stored


def lost(callers: Callers, stored: dict[str, list[tuple[Any, ...]]]) -> list[str]:
    return [trip_id for trip_id in callers.acknowledged if trip_id not in stored]


def torn_or_changed(callers: Callers, stored: dict[str, list[tuple[Any, ...]]]) -> list[str]:
    """Trips that are stored otherwise than acknowledged: twice, without a cart, a cart alone, or with another body."""
    wrong = []
    for trip_id, rows in stored.items():
        body, purchase_id = callers.acknowledged.get(trip_id, (b"", ""))
        items = body.count(b'"SKU-')
        if rows != [(int(purchase_id[1:] or 0), body, items, "received", True)]:
            wrong.append(f"{trip_id}: {rows} for {purchase_id} {body!r}")
    return wrong


def test_no_acknowledged_cart_is_lost_doubled_or_torn_whatever_is_killed(seed: int, tmp_path: Path) -> None:
    """Each acknowledged cart stands once, byte for byte, due to be priced, and every repetition got the same answer."""
    with prepared(tmp_path, **LAZY_WRITER) as scene:
        callers = crash_while_amazon_calls(scene, seed, KILLS, pause=(0.5, 2.0))
        stored = what_is_stored(scene.cluster)

    assert lost(callers, stored) == []
    assert torn_or_changed(callers, stored) == []
    assert callers.broken_promises == []
    assert len(stored) == len(callers.acknowledged) > 100
    assert callers.resent > 5
    assert callers.answers["500"] == 0, "while the database is away Amazon is told to try again: 503"


def test_without_durable_commits_acknowledged_carts_are_lost(seed: int, tmp_path: Path) -> None:
    """Negative control of the test above: the same run, with one setting of PostgreSQL changed."""
    with prepared(tmp_path, **LAZY_WRITER, synchronous_commit="off") as scene:
        callers = crash_while_amazon_calls(scene, seed, KILLS_OF_THE_DATABASE, pause=(0.3, 0.8))
        stored = what_is_stored(scene.cluster)

    gone = lost(callers, stored)
    sys.stdout.write(f"lost: {len(gone)}; other answers than before: {len(callers.broken_promises)}\n")
    assert gone
