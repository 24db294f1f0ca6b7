"""Taking in a cart: durable and idempotent by trip, in one statement, before Amazon gets its 201."""

import hashlib
import re
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from django.db import connection, transaction

from amazon.wire import Malformed, as_utc
from orders.models import Cart, DivergentCart, Trip, TripEvent, purchase_id
from orders.states import TripState
from orders.wire import CreatePurchasesRequest
from stores.models import Store

# The trip is its own work row, due at once. A known trip or an unknown store inserts nothing.
_INSERT_TRIP = """
    INSERT INTO orders_trip (amazon_trip_id, store_id, entry, request_id, shopper_id, item_count, started_at, ended_at,
                             state, currency, lease_count, failed_attempts, last_error, received_at, next_attempt_at)
    SELECT %s, id, %s, %s, %s, %s, %s, %s, '{state}', currency, 0, 0, '', {now}, {due} FROM stores_store
    WHERE external_id = %s
    ON CONFLICT (amazon_trip_id) DO NOTHING RETURNING id
"""
# Two spellings of the same moment, as Django writes a time of ours and as it writes the database's own.
_INSERT_TRIP_SQLITE = _INSERT_TRIP.format(
    state=TripState.RECEIVED,
    now="strftime('%%Y-%%m-%%d %%H:%%M:%%f000', 'now')",
    due="strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')",
)
_NOW = "statement_timestamp()"
_INSERT_TRIP_AND_CART = f"""
    WITH trip AS ({_INSERT_TRIP.format(state=TripState.RECEIVED, now=_NOW, due=_NOW)}),
         cart AS (INSERT INTO orders_cart (trip_id, body) SELECT id, %s FROM trip)
    SELECT id FROM trip
"""  # noqa: S608
_REQUEST_ID = re.compile(rb'"requestId"\s*:\s*"[^"]*"')


def receive_cart(request: CreatePurchasesRequest, body: bytes) -> str:
    """Store the cart and return its purchase id, the first one's if the trip is known already.

    The same trip with another body keeps the first cart and is flagged for staff. Raises Malformed for an unknown
    store.
    """
    pk = _insert(request, body)
    if pk is not None:
        return purchase_id(pk, len(request.cart_items))
    return _answer_known_trip(request, body)


def _insert(request: CreatePurchasesRequest, body: bytes) -> int | None:
    trip = request.shopping_trip
    values: list[Any] = [
        request.idempotent_shopping_trip_id,
        str(request.entry),
        request.request_id,
        (request.shopper_identity.id or "") if request.shopper_identity else "",
        len(request.cart_items),
        as_utc(trip.start_time),
        as_utc(trip.end_time),
        request.store_id,
    ]
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        # Past Django's cursor, which binds on the client and so cannot use a prepared statement.
        with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
            row = cursor.execute(_INSERT_TRIP_AND_CART, [*values, body], prepare=True).fetchone()
        return row[0] if row else None
    plain = [
        connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value for value in values
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_INSERT_TRIP_SQLITE, plain)
        row = cursor.fetchone()
        if row:
            cursor.execute("INSERT INTO orders_cart (trip_id, body) VALUES (%s, %s)", [row[0], body])
        return row[0] if row else None


def _answer_known_trip(request: CreatePurchasesRequest, body: bytes) -> str:
    first = Cart.objects.select_related("trip").filter(trip__amazon_trip_id=request.idempotent_shopping_trip_id).first()
    if first is not None and _is_same(bytes(first.body), body):
        return first.trip.purchase_id
    if not Store.objects.filter(external_id=request.store_id).exists():
        raise Malformed(f"storeId: “{request.store_id}” is not the external id of any store here")
    if first is None:
        raise LookupError(f"trip {request.idempotent_shopping_trip_id} could neither be stored nor found")
    _flag(first.trip, request, body)
    return first.trip.purchase_id


def _is_same(first: bytes, later: bytes) -> bool:
    """Whether two bodies say the same; a new requestId alone makes no difference. Amazon: create_purchases."""
    return first == later or _without_request_id(first) == _without_request_id(later)


def _without_request_id(body: bytes) -> bytes:
    """What the body says, in one spelling; as it stands where an unread field holds what cannot be decoded."""
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _REQUEST_ID.sub(b"", body)
    content.pop("requestId", None)
    return msgspec.json.encode(content, order="deterministic")


def _flag(trip: Trip, request: CreatePurchasesRequest, body: bytes) -> None:
    digest = hashlib.sha256(_without_request_id(body)).hexdigest()
    with transaction.atomic():
        _, is_new = DivergentCart.objects.get_or_create(
            trip=trip, digest=digest, defaults={"body": body, "request_id": request.request_id}
        )
        if is_new:
            TripEvent.objects.create(
                trip=trip,
                actor="Amazon",
                kind=TripEvent.Kind.DIVERGED,
                detail="Amazon sent another cart for this trip. The first one stands; compare them.",
            )
