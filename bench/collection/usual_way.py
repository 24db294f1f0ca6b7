"""The usual way (bench.collection.usual): one Celery task for each trip, on a prefork worker."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import psycopg
from celery import Celery
from psycopg import sql

from bench import databases
from bench.collection.processes import Process, celery, running
from bench.collection.programs import CURRENCY, TOTAL
from bench.databases import Database
from bench.services import REPOSITORY, WORKERS

_TABLES = Path(__file__).with_name("usual_tables.sql")
_APP = "bench.collection.usual"

_STORE = """
    INSERT INTO usual_trip (amazon_trip_id, state, currency, total, captured, created_at, updated_at)
    SELECT id, 'priced', %s, %s, 0, now(), now() FROM unnest(%s::text[]) WITH ORDINALITY AS given (id, number)
    ORDER BY number RETURNING id
"""
_LEFT = "SELECT count(*) FROM usual_trip WHERE id = ANY(%s) AND state <> 'captured'"
_OUTCOMES = """
    SELECT count(*) FILTER (WHERE state = 'captured' AND captured = total),
           count(*) FILTER (WHERE 1 = (SELECT count(*) FROM usual_event AS event
                                       WHERE event.trip_id = trip.id AND kind = 'captured'))
    FROM usual_trip AS trip WHERE amazon_trip_id = ANY(%s)
"""


class UsualWay:
    name = "usual"

    def __init__(self, database: Database, amazon_url: str, broker_url: str) -> None:
        self.database = database
        self._environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": f"{_APP}.settings",
            "DATABASE_URL": database.url,
            "CELERY_BROKER_URL": broker_url,
            "AMAZON_URL": amazon_url,
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
        }
        self._broker = Celery(broker=broker_url)
        self._stored: list[int] = []

    @cached_property
    def _connection(self) -> psycopg.Connection:
        """Kept, so that asking how things stand costs PostgreSQL no new process."""
        return self.database.connect()

    def prepare(self, settled: int) -> None:
        command = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
        subprocess.run(command, cwd=REPOSITORY, env=self._environment, check=True)
        values = {"currency": CURRENCY, "total": TOTAL, "settled": settled}
        statements = sql.SQL(_TABLES.read_text())
        self._connection.execute(statements.format(**{name: sql.Literal(value) for name, value in values.items()}))

    @contextmanager
    def running_workers(self, folder: Path) -> Iterator[list[Process]]:
        arguments = ("worker", "--pool", "prefork", "--concurrency", str(WORKERS), "--loglevel", "WARNING")
        with running(celery("-A", f"{_APP}.celery", *arguments), self._environment, folder / "usual.log") as worker:
            yield [worker]

    def store(self, trip_ids: Sequence[str]) -> None:
        rows = self._connection.execute(_STORE, [CURRENCY, TOTAL, list(trip_ids)]).fetchall()
        self._stored = [pk for (pk,) in rows]
        self._connection.execute("VACUUM")
        databases.checkpoint(self.database)

    def start(self) -> float:
        started = time.monotonic()
        for pk in self._stored:
            self._broker.send_task(f"{_APP}.tasks.collect", [pk])
        return started

    def left(self) -> int:
        """Nothing follows from a capture, but the last one's row may still be about to be written."""
        return self._connection.execute(_LEFT, [self._stored]).fetchone()[0]

    def faults(self, trip_ids: Sequence[str]) -> list[str]:
        found = self._connection.execute(_OUTCOMES, [list(trip_ids)]).fetchone()
        wanted = ("captured", "with one event of a capture")
        return [
            f"{number} of {len(trip_ids)} trips are {what}"
            for what, number in zip(wanted, found, strict=True)
            if number != len(trip_ids)
        ]
