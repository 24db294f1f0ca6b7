"""Taking in a cart: durable and idempotent by trip, in one statement, before Amazon gets its 201.

On PostgreSQL the carts that arrive together share the statement and its commit.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from django.db import connection, transaction

from amazon.wire import Malformed, as_utc
from core.statements import fetch_all
from orders.models import DivergentCart, TripEvent, purchase_id
from orders.states import TripState
from orders.wire import CreatePurchasesRequest
from stores.connector import unknown_store
from stores.models import Store

# The trip is its own work row, due at once. A known trip or an unknown store inserts nothing.
_COLUMNS = """amazon_trip_id, store_id, entry, request_id, shopper_id, item_count, started_at, ended_at, state,
              currency, lease_count, failed_attempts, last_error, received_at, next_attempt_at"""
_INSERT_TRIP_SQLITE = f"""
    INSERT INTO orders_trip ({_COLUMNS})
    SELECT %s, id, %s, %s, %s, %s, %s, %s, '{TripState.RECEIVED}', currency, 0, 0, '',
           strftime('%%Y-%%m-%%d %%H:%%M:%%f000', 'now'), strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')
    FROM stores_store WHERE external_id = %s
    ON CONFLICT (amazon_trip_id) DO NOTHING RETURNING id
"""  # noqa: S608  # two spellings of the moment: as Django writes a time of ours, and as it writes the database's own
_FIND_TRIP = """
    SELECT trip.id, trip.item_count, cart.body FROM orders_trip trip JOIN orders_cart cart ON cart.trip_id = trip.id
    WHERE trip.amazon_trip_id = %s
"""
# For each trip the new one's id or, where it was known before, what is known of it: a repetition costs one round trip,
# too. In the order of the trips' ids, so that two batches with the same trips never wait for each other.
_INSERT_TRIPS_AND_CARTS = f"""
    WITH given AS MATERIALIZED (
        SELECT * FROM json_to_recordset(%s::json) AS given (position integer, trip_id text, store_id text, entry text,
            request_id text, shopper_id text, item_count integer, started_at timestamptz, ended_at timestamptz)
    ), trip AS (
        INSERT INTO orders_trip ({_COLUMNS})
        SELECT trip_id, store.id, entry, request_id, shopper_id, item_count, started_at, ended_at,
               '{TripState.RECEIVED}', currency, 0, 0, '', statement_timestamp(), statement_timestamp()
        FROM given JOIN stores_store AS store ON store.external_id = given.store_id
        ORDER BY position
        ON CONFLICT (amazon_trip_id) DO NOTHING RETURNING id, amazon_trip_id
    ), cart AS (
        INSERT INTO orders_cart (trip_id, body)
        SELECT trip.id, (%b::bytea[])[position] FROM trip JOIN given ON given.trip_id = trip.amazon_trip_id
    )
    SELECT amazon_trip_id, id, NULL::integer, NULL::bytea FROM trip
    UNION ALL
    SELECT given.trip_id, known.* FROM given CROSS JOIN LATERAL ({_FIND_TRIP.replace("%s", "given.trip_id")}) AS known
"""  # noqa: S608
_encode = msgspec.json.Encoder().encode
_REQUEST_ID = re.compile(rb'"requestId"\s*:\s*"[^"]*"')


class Arrived(NamedTuple):
    request: CreatePurchasesRequest
    body: bytes

    @property
    def trip_id(self) -> str:
        return self.request.idempotent_shopping_trip_id

    @property
    def item_count(self) -> int:
        return len(self.request.cart_items)


class Stored(NamedTuple):
    """A trip as it stands. `body` is None where this call has stored it."""

    pk: int
    item_count: int
    body: bytes | None


def receive_carts(carts: Sequence[Arrived]) -> list[str | Malformed]:
    """Store the carts in one commit, and return the purchase id of each; the first one's if the trip is known already.

    The same trip with another body keeps the first cart and is flagged for staff. For an unknown store it is Malformed.
    """
    return [_outcome(cart, stored) for cart, stored in zip(carts, _insert_all(carts), strict=True)]


def _outcome(cart: Arrived, stored: "Stored | None") -> str | Malformed:
    trip = stored or _find(cart.trip_id)
    if trip is None or (trip.body is not None and not _is_same(trip.body, cart.body)):
        if not Store.objects.filter(external_id=cart.request.store_id).exists():
            return unknown_store(cart.request.store_id)
        if trip is None:
            raise LookupError(f"trip {cart.trip_id} could neither be stored nor found")
        _flag(trip.pk, cart)
    return purchase_id(trip.pk, trip.item_count)


def _insert_all(carts: Sequence[Arrived]) -> list["Stored | None"]:
    if connection.vendor == "postgresql":
        return _insert_together(carts)
    with transaction.atomic():
        return [_insert(cart) for cart in carts]


def _insert(cart: Arrived) -> Stored | None:
    rows = fetch_all(_INSERT_TRIP_SQLITE, [*_facts(cart).values()])
    if not rows:
        return None
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO orders_cart (trip_id, body) VALUES (%s, %s)", [rows[0][0], cart.body])
    return Stored(rows[0][0], cart.item_count, None)


def _insert_together(carts: Sequence[Arrived]) -> list[Stored | None]:
    """In one statement and one commit. Of several carts for one trip the first is inserted, and known to the others.

    None where the store is unknown, and perhaps where the trip came at this very moment by another process.
    """
    firsts: dict[str, Arrived] = {}
    for cart in carts:
        firsts.setdefault(cart.trip_id, cart)
    ordered = [firsts[trip_id] for trip_id in sorted(firsts)]
    given = [{"position": position, **_facts(cart)} for position, cart in enumerate(ordered, 1)]
    rows = fetch_all(_INSERT_TRIPS_AND_CARTS, [_encode(given).decode(), [cart.body for cart in ordered]])
    found = {trip_id: (pk, item_count, body) for trip_id, pk, item_count, body in rows}
    return [
        _as_known_to(cart, firsts[cart.trip_id], *found[cart.trip_id]) if cart.trip_id in found else None
        for cart in carts
    ]


def _as_known_to(cart: Arrived, first: Arrived, pk: int, item_count: int | None, body: bytes | None) -> Stored:
    if item_count is not None:
        return Stored(pk, item_count, body)
    return Stored(pk, first.item_count, None if cart is first else first.body)


def _find(trip_id: str) -> Stored | None:
    rows = fetch_all(_FIND_TRIP, [trip_id])
    return Stored(rows[0][0], rows[0][1], bytes(rows[0][2])) if rows else None


def _facts(cart: Arrived) -> dict[str, Any]:
    """What of a cart stands in the trip's own columns, in the order of _INSERT_TRIP_SQLITE."""
    request = cart.request
    return {
        "trip_id": cart.trip_id,
        "entry": str(request.entry),
        "request_id": request.request_id,
        "shopper_id": (request.shopper_identity.id or "") if request.shopper_identity else "",
        "item_count": cart.item_count,
        "started_at": as_utc(request.shopping_trip.start_time),
        "ended_at": as_utc(request.shopping_trip.end_time),
        "store_id": request.store_id,
    }


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


def _flag(trip_pk: int, cart: Arrived) -> None:
    digest = hashlib.sha256(_without_request_id(cart.body)).hexdigest()
    with transaction.atomic():
        _, is_new = DivergentCart.objects.get_or_create(
            trip_id=trip_pk, digest=digest, defaults={"body": cart.body, "request_id": cart.request.request_id}
        )
        if is_new:
            TripEvent.objects.create(
                trip_id=trip_pk,
                actor="Amazon",
                kind=TripEvent.Kind.DIVERGED,
                detail="Amazon sent another cart for this trip. The first one stands; compare them.",
            )
