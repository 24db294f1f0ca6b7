"""This project: its tables, full of settled trips, and its Celery workers as in production."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from bench import databases
from bench.collection.processes import Process, celery, running
from bench.collection.programs import CURRENCY, TOTAL
from bench.databases import Database
from bench.purchases.carts import cart_template
from bench.services import WORKERS
from bench.target import environment, manage, migrate

_LEAD_SECONDS = 2  # between storing trips and the moment they fall due, while the counters are read
_FOLDER = Path(__file__).parent

_PRODUCTS = """
    INSERT INTO stores_product (store_id, sku, name, price, unit, tax_rate)
    SELECT id, 'SKU-' || lpad(number::text, 5, '0'), 'Product ' || number, 2.40, 'unit', 5
    FROM stores_store, generate_series(1, 8) AS number
"""
_FALL_DUE = """
    UPDATE payments_charge SET next_attempt_at = clock_timestamp() + %s * interval '1 second'
    WHERE trip_id IN (SELECT id FROM orders_trip WHERE amazon_trip_id = ANY(%s))
"""
_WORK = ("orders_trip", "payments_charge", "payments_carddetails", "payments_feedbackreport", "payments_receipt")
_LEFT = "SELECT " + " + ".join(f"(SELECT count(*) FROM {table} WHERE next_attempt_at IS NOT NULL)" for table in _WORK)
_OUTCOMES = """
    SELECT count(*) FILTER (WHERE trip.state = 'paid' AND charge.state = 'captured' AND charge.captured = trip.total),
           count(*) FILTER (WHERE 1 = (SELECT count(*) FROM payments_paymentevent AS event
                                       WHERE event.charge_id = charge.id AND (kind, phase) = ('capture', 'succeeded'))),
           count(*) FILTER (WHERE EXISTS (SELECT FROM payments_carddetails AS card
                                          WHERE card.charge_id = charge.id AND card.last_four = '4242')),
           count(*) FILTER (WHERE EXISTS (SELECT FROM payments_feedbackreport AS report
                                          WHERE report.charge_id = charge.id AND report.state = 'accepted'))
    FROM orders_trip AS trip JOIN payments_charge AS charge ON charge.trip_id = trip.id
    WHERE trip.amazon_trip_id = ANY(%s)
"""


class Ours:
    name = "ours"

    def __init__(self, database: Database, amazon_url: str, broker_url: str) -> None:
        self.database = database
        self._environment = environment(database) | {
            "CELERY_BROKER_URL": broker_url,
            "AMAZON_PAYMENTS_URL": amazon_url,
            "AMAZON_FEEDBACK_URL": amazon_url,
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
        }
        self._starts_at = 0.0

    @cached_property
    def connection(self) -> psycopg.Connection:
        """Kept, so that asking how things stand costs PostgreSQL no new process."""
        return self.database.connect()

    def prepare(self, settled: int) -> None:
        migrate(self.database)
        self.connection.execute(_PRODUCTS)
        self._insert(
            [str(uuid4()) for _ in range(settled)],
            trip_state="paid",
            charge_state="captured",
            captured=Decimal(TOTAL),
            minutes_apart=1,
        )
        self.connection.execute((_FOLDER / "ours_settled.sql").read_text())
        # Or the workers would count the reports of all these days for the first time while they are measured.
        manage(self.database, "rebuild_rollups")

    @contextmanager
    def running_workers(self, folder: Path) -> Iterator[list[Process]]:
        with ExitStack() as stack:
            yield [
                stack.enter_context(
                    running(
                        celery(
                            *("-A", "jwo_backoffice", "worker", "--hostname", f"{number}@{os.getpid()}"),
                            *("--pool", "threads", "--concurrency", "4", "--loglevel", "WARNING"),
                            *(["-B"] if number == 1 else []),
                        ),
                        self._environment | {"VAR_DIR": str(folder)},
                        folder / f"worker-{number}.log",
                    )
                )
                for number in range(1, WORKERS + 1)
            ]

    def store(self, trip_ids: Sequence[str]) -> None:
        self._insert(trip_ids)
        self.connection.execute("VACUUM")
        databases.checkpoint(self.database)
        self.connection.execute(_FALL_DUE, [_LEAD_SECONDS, list(trip_ids)])
        self._starts_at = time.monotonic() + _LEAD_SECONDS

    def start(self) -> float:
        time.sleep(max(self._starts_at - time.monotonic(), 0))
        return self._starts_at

    def come_in(self, trip_ids: Sequence[str]) -> None:
        """Priced trips that are due at once."""
        self._insert(trip_ids, due_in=0)

    def left(self) -> int:
        return self.connection.execute(_LEFT).fetchone()[0]

    def faults(self, trip_ids: Sequence[str]) -> list[str]:
        found = self.connection.execute(_OUTCOMES, [list(trip_ids)]).fetchone()
        wanted = ("paid and captured", "with one event of a capture", "with their card", "reported")
        faults = [
            f"{number} of {len(trip_ids)} trips are {what}"
            for what, number in zip(wanted, found, strict=True)
            if number != len(trip_ids)
        ]
        if left := self.left():
            faults.append(f"{left} rows are still due")
        return faults

    def _insert(
        self,
        trip_ids: Sequence[str],
        *,
        due_in: float | None = None,
        trip_state: str = "priced",
        charge_state: str = "pending",
        captured: Decimal = Decimal(0),
        minutes_apart: int = 0,
    ) -> None:
        values: Mapping[str, object] = {
            "trip_ids": list(trip_ids),
            "body": cart_template(8).encode(),
            "currency": CURRENCY,
            "trip_state": trip_state,
            "charge_state": charge_state,
            "captured": captured,
            "due_in": due_in,
            "minutes_apart": minutes_apart,
        }
        statement = sql.SQL((_FOLDER / "ours.sql").read_text())
        self.connection.execute(statement.format(**{name: sql.Literal(value) for name, value in values.items()}))
