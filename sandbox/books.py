"""The sandbox's own ledger: every trip with its money, and what was reported of it. Amounts are text."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from sandbox.book_file import BookFile, Row
from sandbox.records import Account, Capture, Feedback, Order, Refund, Trip

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
CREATE TABLE IF NOT EXISTS orders (
    trip_id TEXT PRIMARY KEY, order_id TEXT NOT NULL, total TEXT NOT NULL, ordered_at TEXT NOT NULL,
    body_digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS feedback (
    trip_id TEXT NOT NULL, total TEXT NOT NULL, settled TEXT NOT NULL, currency TEXT NOT NULL,
    status_at TEXT NOT NULL, received_at TEXT NOT NULL, status TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS feedback_of_trip ON feedback (trip_id);
"""

Entry = TypeVar("Entry", Capture, Refund, Order, Feedback)


class Books:
    def __init__(self, file: BookFile) -> None:
        self._file = file
        file.create(TABLES)

    def transaction(self) -> AbstractContextManager[None]:
        return self._file.transaction()

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
        self._file.execute("INSERT INTO trips VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, *state))

    def set_authorization(self, trip_id: str, authorized: Decimal) -> None:
        self._file.execute("UPDATE trips SET authorized = ? WHERE trip_id = ?", (str(authorized), trip_id))

    def set_currency(self, trip_id: str, currency: str) -> None:
        self._file.execute("UPDATE trips SET currency = ? WHERE trip_id = ?", (currency, trip_id))

    def use_pending_answer(self, trip_id: str) -> None:
        self._file.execute(
            "UPDATE trips SET pending_answers_left = pending_answers_left - 1 WHERE trip_id = ?", (trip_id,)
        )

    def mark_cancelled(self, trip_id: str) -> None:
        self._file.execute("UPDATE trips SET is_cancelled = 1 WHERE trip_id = ?", (trip_id,))

    def add_capture(self, capture: Capture) -> None:
        row = (capture.trip_id, str(capture.amount), capture.captured_at.isoformat())
        self._file.execute("INSERT INTO captures VALUES (?, ?, ?)", row)

    def add_refund(self, refund: Refund) -> None:
        row = (refund.refund_request_id, refund.trip_id, str(refund.amount), refund.reason)
        proof = (refund.reconciliation_id, refund.refunded_at.isoformat(), refund.body_digest)
        self._file.execute("INSERT INTO refunds VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, *proof))

    def add_order(self, order: Order) -> None:
        row = (order.trip_id, order.order_id, str(order.total), order.ordered_at.isoformat(), order.body_digest)
        self._file.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", row)

    def add_feedback(self, feedback: Feedback) -> None:
        reported = (feedback.trip_id, str(feedback.total), str(feedback.settled), feedback.currency)
        answered = (feedback.status_at.isoformat(), feedback.received_at.isoformat(), feedback.status)
        self._file.execute("INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?)", (*reported, *answered))

    def has_trip(self, trip_id: str) -> bool:
        return bool(self._file.execute("SELECT 1 FROM trips WHERE trip_id = ?", (trip_id,)))

    def find_account(self, trip_id: str) -> Account | None:
        accounts = self._accounts(" WHERE trip_id = ?", (trip_id,))
        return accounts[0] if accounts else None

    def find_refund(self, refund_request_id: str) -> Refund | None:
        rows = self._file.execute("SELECT * FROM refunds WHERE refund_request_id = ?", (refund_request_id,))
        return _refund(rows[0]) if rows else None

    def accounts(self) -> list[Account]:
        """Oldest first."""
        return self._accounts("", ())

    def _accounts(self, condition: str, parameters: tuple[str, ...]) -> list[Account]:
        def rows_of(table: str) -> list[Row]:
            return self._file.execute(f"SELECT * FROM {table}{condition} ORDER BY rowid", parameters)

        with self._file.standing_still():
            trips = [_trip(row) for row in rows_of("trips")]
            captures = _by_trip(map(_capture, rows_of("captures")))
            refunds = _by_trip(map(_refund, rows_of("refunds")))
            orders = _by_trip(map(_order, rows_of("orders")))
            feedback = _by_trip(map(_feedback, rows_of("feedback")))
        return [
            Account(
                trip,
                captures=tuple(captures[trip.trip_id]),
                refunds=tuple(refunds[trip.trip_id]),
                order=next(iter(orders[trip.trip_id]), None),
                feedback=tuple(feedback[trip.trip_id]),
            )
            for trip in trips
        ]


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


def _order(row: Row) -> Order:
    return Order(
        trip_id=row[0],
        order_id=row[1],
        total=Decimal(row[2]),
        ordered_at=datetime.fromisoformat(row[3]),
        body_digest=row[4],
    )


def _feedback(row: Row) -> Feedback:
    return Feedback(
        trip_id=row[0],
        total=Decimal(row[1]),
        settled=Decimal(row[2]),
        currency=row[3],
        status_at=datetime.fromisoformat(row[4]),
        received_at=datetime.fromisoformat(row[5]),
        status=row[6],
    )
