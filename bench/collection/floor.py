"""The floor: what the database alone needs to lease charges in batches and to record that they were captured."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from psycopg import sql

from bench import databases
from bench.collection.measure import Collected, Meter
from bench.collection.programs import TOTAL
from bench.databases import Database
from bench.services import WORKERS

_TABLES = Path(__file__).with_name("floor_tables.sql")
_BATCH = 32  # what our workers lease at once by default
_LEASE = """
    UPDATE floor.charge SET due_at = now() + interval '2 minutes', lease_count = lease_count + 1
    WHERE id IN (SELECT id FROM floor.charge WHERE due_at <= now() ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING id
"""
_RECORD = """
    WITH done AS (
        UPDATE floor.charge SET due_at = NULL, state = 'captured', captured = amount WHERE id = ANY(%s)
        RETURNING id, captured
    )
    INSERT INTO floor.event (charge_id, kind, amount) SELECT id, 'capture', captured FROM done
"""
_OUTCOMES = """
    SELECT (SELECT count(*) FROM floor.event WHERE charge_id > %s),
           (SELECT count(*) FROM floor.charge WHERE due_at IS NOT NULL)
"""


def measure_floor(database: Database, postmaster: int, *, settled: int, due: int) -> Collected:
    values = {"total": TOTAL, "settled": settled, "due": due}
    statements = sql.SQL(_TABLES.read_text())
    with database.connect() as connection:
        connection.execute(statements.format(**{name: sql.Literal(value) for name, value in values.items()}))
    databases.checkpoint(database)

    meter = Meter(postmaster, [os.getpid()])
    started = time.monotonic()
    with ThreadPoolExecutor(WORKERS) as threads:
        list(threads.map(lambda _: _collect_all(database), range(WORKERS)))
    seconds = time.monotonic() - started
    app, database_seconds, others = meter.read()
    with database.connect() as connection:
        events, left = connection.execute(_OUTCOMES, [settled]).fetchone()
    return Collected(
        trips=due,
        seconds=seconds,
        first_call_seconds=0,
        whole_seconds=seconds,
        app_ms=app * 1000 / due,
        database_ms=database_seconds * 1000 / due,
        worker_mb=0,
        others_cores=others,
        faults=[] if (events, left) == (due, 0) else [f"{events} events for {due} charges, {left} still due"],
    )


def _collect_all(database: Database) -> None:
    with database.connect() as connection:
        while leased := connection.execute(_LEASE, [_BATCH]).fetchall():
            connection.execute(_RECORD, [[pk for (pk,) in leased]])
