"""Taking in a cart: durable and idempotent by trip, in one statement, before Amazon gets its 201."""

import hashlib
import re
from typing import Any

import msgspec
from django.db import connection, transaction

from amazon.wire import as_utc
from core.statements import fetch_all
from orders.models import DivergentCart, TripEvent, purchase_id
from orders.states import TripState
from orders.wire import CreatePurchasesRequest
from stores.connector import unknown_store
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
_FIND_TRIP = """
    SELECT trip.id, trip.item_count, cart.body FROM orders_trip trip JOIN orders_cart cart ON cart.trip_id = trip.id
    WHERE trip.amazon_trip_id = %s
"""
_NOW = "statement_timestamp()"
# The new trip's id or, where the trip was known before, what is known of it: a repetition costs one round trip, too.
_INSERT_TRIP_AND_CART = f"""
    WITH trip AS ({_INSERT_TRIP.format(state=TripState.RECEIVED, now=_NOW, due=_NOW)}),
         cart AS (INSERT INTO orders_cart (trip_id, body) SELECT id, %s FROM trip)
    SELECT id, NULL::integer, NULL::bytea FROM trip
    UNION ALL ({_FIND_TRIP})
"""  # noqa: S608
_REQUEST_ID = re.compile(rb'"requestId"\s*:\s*"[^"]*"')


def receive_cart(request: CreatePurchasesRequest, body: bytes) -> str:
    """Store the cart and return its purchase id, the first one's if the trip is known already.

    The same trip with another body keeps the first cart and is flagged for staff. Raises Malformed for an unknown
    store.
    """
    trip_id = request.idempotent_shopping_trip_id
    rows = _insert(request, body) or fetch_all(_FIND_TRIP, [trip_id])
    for pk, item_count, first in rows:
        if first is None:
            return purchase_id(pk, len(request.cart_items))
        if _is_same(bytes(first), body):
            return purchase_id(pk, item_count)
    if not Store.objects.filter(external_id=request.store_id).exists():
        raise unknown_store(request.store_id)
    if not rows:
        raise LookupError(f"trip {trip_id} could neither be stored nor found")
    pk, item_count, _ = rows[0]
    _flag(pk, request, body)
    return purchase_id(pk, item_count)


def _insert(request: CreatePurchasesRequest, body: bytes) -> list[tuple[Any, ...]]:
    """Id, number of items and body of the trip; only the id where it is new.

    Nothing where the store is unknown, and perhaps where the trip came at this very moment by another call.
    """
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
        return fetch_all(_INSERT_TRIP_AND_CART, [*values, body, request.idempotent_shopping_trip_id])
    with transaction.atomic(), connection.cursor() as cursor:
        rows = fetch_all(_INSERT_TRIP_SQLITE, values)
        if rows:
            cursor.execute("INSERT INTO orders_cart (trip_id, body) VALUES (%s, %s)", [rows[0][0], body])
        return [(pk, None, None) for (pk,) in rows]


def _is_same(first: bytes, later: bytes) -> bool:
    """Whether two bodies say the same; a new requestId alone makes no difference. Amazon: create_purchases."""
    if _REQUEST_ID.sub(b"", first, count=1) == _REQUEST_ID.sub(b"", later, count=1):
        return True  # as Amazon repeats itself: told without reading either
    return _without_request_id(first) == _without_request_id(later)


def _without_request_id(body: bytes) -> bytes:
    """What the body says, in one spelling; as it stands where an unread field holds what cannot be decoded."""
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _REQUEST_ID.sub(b"", body)
    content.pop("requestId", None)
    return msgspec.json.encode(content, order="deterministic")


def _flag(trip_pk: int, request: CreatePurchasesRequest, body: bytes) -> None:
    digest = hashlib.sha256(_without_request_id(body)).hexdigest()
    with transaction.atomic():
        _, is_new = DivergentCart.objects.get_or_create(
            trip_id=trip_pk, digest=digest, defaults={"body": body, "request_id": request.request_id}
        )
        if is_new:
            TripEvent.objects.create(
                trip_id=trip_pk,
                actor="Amazon",
                kind=TripEvent.Kind.DIVERGED,
                detail="Amazon sent another cart for this trip. The first one stands; compare them.",
            )
