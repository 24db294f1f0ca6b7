"""How both comparison programs keep a cart: one statement, prepared once per connection, on a persistent pool."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import asyncpg

# A known trip or an unknown store inserts nothing and returns nothing.
_STORE_CART = """
    WITH new_trip AS (
        INSERT INTO trip (trip_id, store_id, request_id, started_at, ended_at, body)
        SELECT $1, store.id, $3, $4, $5, $6 FROM store WHERE external_id = $2
        ON CONFLICT (trip_id) DO NOTHING RETURNING id
    ), new_lines AS (
        INSERT INTO line (trip_id, position, sku, kind, quantity, unit)
        SELECT new_trip.id, item.position, item.sku, item.kind, item.quantity, item.unit
        FROM new_trip, unnest($7::text[], $8::text[], $9::numeric[], $10::text[])
             WITH ORDINALITY AS item (sku, kind, quantity, unit, position)
    )
    SELECT id FROM new_trip
"""
_FIND_TRIP = "SELECT id FROM trip WHERE trip_id = $1"


class UnknownStore(Exception):
    """The store id is not one of ours."""


async def store_cart(
    pool: asyncpg.Pool,
    *,
    trip_id: str,
    store_id: str,
    request_id: str,
    started_at: datetime,
    ended_at: datetime,
    body: bytes,
    lines: Sequence[tuple[str, str, str, str]],
) -> str:
    """Durable when it returns. A known trip gets the first purchase id; UnknownStore is raised for a strange store."""
    skus, kinds, quantities, units = zip(*lines, strict=True) if lines else ((), (), (), ())
    async with pool.acquire() as connection:
        pk = await connection.fetchval(
            _STORE_CART,
            trip_id,
            store_id,
            request_id,
            started_at,
            ended_at,
            body,
            skus,
            kinds,
            [Decimal(quantity) for quantity in quantities],
            units,
        )
        if pk is None:
            pk = await connection.fetchval(_FIND_TRIP, trip_id)
    if pk is None:
        raise UnknownStore(store_id)
    return f"P{pk:09d}" if lines else ""
