"""Our own server with one store and 100,000 trips."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.databases import Database
from bench.purchases import carts
from bench.purchases.services import Service, Stored
from bench.target import migrate, running_granian

# Trips of the last weeks, all of them paid, so that no worker would take them up.
_LOAD_TRIPS = """
    INSERT INTO orders_trip (amazon_trip_id, store_id, entry, request_id, shopper_id, item_count, started_at, ended_at,
                             received_at, state, currency, subtotal, tax, total,
                             lease_count, failed_attempts, last_error)
    SELECT gen_random_uuid()::text, store.id, 'CARD', gen_random_uuid()::text, gen_random_uuid()::text, 8,
           at, at + interval '4 minutes', at + interval '9 minutes', 'paid', 'USD', 20, 1, 21, 1, 0, ''
    FROM (SELECT now() - number * interval '1 minute' AS at FROM generate_series(%s::int, 1, -1) AS number) AS day,
         stores_store AS store
"""
_LOAD_BODIES = "INSERT INTO orders_cart (trip_id, body) SELECT id, %s FROM orders_trip"


def prepare(database: Database, trips: int) -> None:
    """Migrate the new database, create the store and fill the tables."""
    migrate(database)
    with database.connect() as connection:
        connection.execute(_LOAD_TRIPS, [trips])
        connection.execute(_LOAD_BODIES, [carts.cart_template(8).encode()])
        connection.execute("ANALYZE")


@contextmanager
def running_target(database: Database, log: Path) -> Iterator[Service]:
    with running_granian("target", database, log, probed=carts.PATH) as server:
        yield Service(server, Stored(database, "orders_trip", "amazon_trip_id", "orders_cart", parts_per_line=False))
