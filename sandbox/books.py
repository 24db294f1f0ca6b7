"""The sandbox's own ledger in SQLite: a file that outlives the process, or memory. Amounts are text.

One connection behind one lock: a decision and what it writes are one transaction, whatever thread it comes from.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from threading import RLock
from typing import Any, TypeVar

from sandbox.records import Account, Capture, Refund, Trip

TABLES = """
CREATE TABLE IF NOT EXISTS trips (
    trip_id TEXT PRIMARY KEY, store_id TEXT NOT NULL, currency TEXT NOT NULL, preauthorized TEXT NOT NULL,
    started_at TEXT NOT NULL, brand TEXT NOT NULL, tail TEXT NOT NULL, authorized TEXT,
    is_cancelled INTEGER NOT NULL, pending_answers_left INTEGER NOT NULL, is_adopted INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS captures (trip_id TEXT NOT NULL, amount TEXT NOT NULL, captured_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS captures_of_trip ON captures (trip_id);
CREATE TABLE IF NOT EXISTS refunds (
    refund_request_id TEXT PRIMARY KEY, trip_id TEXT NOT NULL, amount TEXT NOT NULL, reason TEXT NOT NULL,
    reconciliation_id TEXT NOT NULL, refunded_at TEXT NOT NULL, body_digest TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS refunds_of_trip ON refunds (trip_id);
"""


Row = tuple[Any, ...]
Entry = TypeVar("Entry", Capture, Refund)


class Books:
    def __init__(self, path: str = ":memory:") -> None:
        self._lock = RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + TABLES)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written, or nothing; other threads wait."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def add_trip(self, trip: Trip) -> None:
        authorized = None if trip.authorized is None else str(trip.authorized)
        row = (
            trip.trip_id,
            trip.store_id,
            trip.currency,
            str(trip.preauthorized),
            trip.started_at.isoformat(),
        )
        state = (
            trip.brand,
            trip.tail,
            authorized,
            trip.is_cancelled,
            trip.pending_answers_left,
            trip.is_adopted,
        )
        self._execute("INSERT INTO trips VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, *state))

    def set_authorization(self, trip_id: str, authorized: Decimal) -> None:
        self._execute("UPDATE trips SET authorized = ? WHERE trip_id = ?", (str(authorized), trip_id))

    def set_currency(self, trip_id: str, currency: str) -> None:
        self._execute("UPDATE trips SET currency = ? WHERE trip_id = ?", (currency, trip_id))

    def use_pending_answer(self, trip_id: str) -> None:
        self._execute("UPDATE trips SET pending_answers_left = pending_answers_left - 1 WHERE trip_id = ?", (trip_id,))

    def mark_cancelled(self, trip_id: str) -> None:
        self._execute("UPDATE trips SET is_cancelled = 1 WHERE trip_id = ?", (trip_id,))

    def add_capture(self, capture: Capture) -> None:
        row = (capture.trip_id, str(capture.amount), capture.captured_at.isoformat())
        self._execute("INSERT INTO captures VALUES (?, ?, ?)", row)

    def add_refund(self, refund: Refund) -> None:
        row = (refund.refund_request_id, refund.trip_id, str(refund.amount), refund.reason)
        proof = (refund.reconciliation_id, refund.refunded_at.isoformat(), refund.body_digest)
        self._execute("INSERT INTO refunds VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, *proof))

    def has_trip(self, trip_id: str) -> bool:
        return bool(self._execute("SELECT 1 FROM trips WHERE trip_id = ?", (trip_id,)))

    def find_account(self, trip_id: str) -> Account | None:
        accounts = self._accounts(" WHERE trip_id = ?", (trip_id,))
        return accounts[0] if accounts else None

    def find_refund(self, refund_request_id: str) -> Refund | None:
        rows = self._execute("SELECT * FROM refunds WHERE refund_request_id = ?", (refund_request_id,))
        return _refund(rows[0]) if rows else None

    def accounts(self) -> list[Account]:
        """Oldest first."""
        return self._accounts("", ())

    def _accounts(self, condition: str, parameters: tuple[str, ...]) -> list[Account]:
        with self._lock:
            trips = [_trip(row) for row in self._execute(f"SELECT * FROM trips{condition} ORDER BY rowid", parameters)]
            captures = _by_trip(map(_capture, self._execute(f"SELECT * FROM captures{condition}", parameters)))
            refunds = _by_trip(map(_refund, self._execute(f"SELECT * FROM refunds{condition}", parameters)))
        return [Account(trip, tuple(captures[trip.trip_id]), tuple(refunds[trip.trip_id])) for trip in trips]

    def _execute(self, statement: str, parameters: tuple[object, ...]) -> list[Row]:
        with self._lock:
            return self._connection.execute(statement, parameters).fetchall()


def _by_trip(rows: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for row in rows:
        found[row.trip_id].append(row)
    return found


def _trip(row: Row) -> Trip:
    return Trip(
        trip_id=row[0],
        store_id=row[1],
        currency=row[2],
        preauthorized=Decimal(row[3]),
        started_at=datetime.fromisoformat(row[4]),
        brand=row[5],
        tail=row[6],
        authorized=None if row[7] is None else Decimal(row[7]),
        is_cancelled=bool(row[8]),
        pending_answers_left=row[9],
        is_adopted=bool(row[10]),
    )


def _capture(row: Row) -> Capture:
    return Capture(trip_id=row[0], amount=Decimal(row[1]), captured_at=datetime.fromisoformat(row[2]))


def _refund(row: Row) -> Refund:
    return Refund(
        refund_request_id=row[0],
        trip_id=row[1],
        amount=Decimal(row[2]),
        reason=row[3],
        reconciliation_id=row[4],
        refunded_at=datetime.fromisoformat(row[5]),
        body_digest=row[6],
    )
