"""What must hold afterwards, by SQL on our side and by the sandbox's books on theirs. Each finding is a sentence."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from tests.soak.visits import Acknowledged

_WORK = (
    "orders_trip",
    *(f"payments_{kind}" for kind in ("charge", "refund", "carddetails", "feedbackreport", "receipt")),
)
_WAITING = " UNION ALL ".join(
    f"SELECT '{table}', id, last_error FROM {table} WHERE next_attempt_at IS NOT NULL" for table in _WORK
)
_TRIPS = """
    SELECT trip.amazon_trip_id, trip.state, cart.body, charge.flow,
        charge.amount, charge.captured, charge.settled, charge.committed,
        (SELECT coalesce(sum(amount), 0) FROM payments_paymentevent AS event
            WHERE charge_id = charge.id AND kind = 'capture' AND phase = 'succeeded') AS events_captured,
        (SELECT coalesce(sum(amount), 0) FROM payments_paymentevent AS event
            WHERE charge_id = charge.id AND kind = 'refund' AND phase = 'succeeded') AS events_refunded,
        (SELECT coalesce(sum(amount), 0) FROM payments_refund WHERE charge_id = charge.id AND state = 'done')
            AS refunds_done,
        (SELECT array_agg(refund_request_id::text) FROM payments_refund WHERE charge_id = charge.id) AS refund_keys,
        (SELECT sum(amount) FROM payments_accountentry WHERE reference LIKE trip.amazon_trip_id || '/%') AS on_account,
        (SELECT owed FROM payments_debt WHERE charge_id = charge.id) AS owed
    FROM orders_trip AS trip LEFT JOIN orders_cart AS cart ON cart.trip_id = trip.id
    LEFT JOIN payments_charge AS charge ON charge.trip_id = trip.id
"""


def what_waits(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    """Table, id and last error of each row that somebody is to work on."""
    return connection.execute(_WAITING).fetchall()


def findings(
    connection: psycopg.Connection[Any],
    acknowledged: Mapping[str, Acknowledged],
    granted: set[str],
    books: Mapping[str, dict[str, Any]],
) -> Iterator[str]:
    rows = connection.cursor(row_factory=namedtuple_row).execute(_TRIPS).fetchall()
    stored = {row.amazon_trip_id: row for row in rows}
    for trip_id, cart in acknowledged.items():
        row = stored.get(trip_id)
        if row is None:
            yield f"{trip_id}: acknowledged and lost"
        else:
            yield from (f"{trip_id}: {what}" for what in _wrong_with(row, cart, books.get(trip_id)))
    if len(rows) != len(stored) or set(stored) - set(acknowledged):
        yield f"{len(rows)} trips are stored, {len(acknowledged)} were acknowledged"
    keys = {key for row in rows for key in row.refund_keys or ()}
    yield from (f"refund {key} was granted and is lost" for key in granted - keys)
    yield from (f"{table} {pk} still waits: {error}" for table, pk, error in what_waits(connection))
    failed = "SELECT refund_request_id, state, last_error FROM payments_refund WHERE state <> 'done'"
    yield from (f"refund {key} is {state}: {error}" for key, state, error in connection.execute(failed).fetchall())


def _wrong_with(row: Any, cart: Acknowledged, book: dict[str, Any] | None) -> Iterator[str]:
    if row.body != cart.body:
        yield "is stored with another body than was acknowledged"
    if row.state != cart.state:
        yield f"is {row.state} and should be {cart.state}"
    if row.captured is None:
        yield "was never to be collected"
        return
    yield from _wrong_in_our_books(row)
    if not cart.is_amazons:
        if (row.on_account or 0) != row.captured:
            yield f"{row.captured} was captured, {row.on_account} stands on the account"
    elif book is None:
        yield "Amazon knows nothing of it"
    else:
        yield from _wrong_between_the_books(row, book)


def _wrong_in_our_books(row: Any) -> Iterator[str]:
    if row.captured != row.events_captured:
        yield f"column and ledger differ: captured {row.captured} and {row.events_captured}"
    if not row.committed == row.events_refunded == row.refunds_done <= row.captured:
        yield f"refunds differ: {row.committed}, {row.events_refunded}, {row.refunds_done} of {row.captured}"
    if row.captured + row.settled + (row.owed or 0) != row.amount:
        yield f"of {row.amount}, {row.captured} was taken and {row.owed} is owed"


def _wrong_between_the_books(row: Any, book: dict[str, Any]) -> Iterator[str]:
    captured, refunded = Decimal(book["captured"]), Decimal(book["refunded"])
    if book["captures"] > 1:
        yield f"captured {book['captures']} times"
    if captured != row.captured:
        yield f"captured: {row.captured} here, {captured} at Amazon"
    if refunded != row.events_refunded:
        yield f"refunded: {row.events_refunded} here, {refunded} at Amazon"
    if refunded > captured:
        yield f"refunded {refunded} of {captured}"
    report = book["last_feedback"]
    if row.flow == "PAYMENT_SERVICE" and (report is None or Decimal(report["settled"]) != row.captured + row.settled):
        yield f"Amazon was told otherwise: {report}"
