"""Our own server, as in production: migrated database, one store, 100,000 trips, granian with two workers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.purchases import carts
from bench.purchases.databases import Database
from bench.purchases.services import REPOSITORY, WORKERS, Service, Stored, running

_CREATE_STORE = f"""
from stores.models import Store
Store.objects.create(external_id="{carts.STORE_ID}", name="Bench", region="us-east-1",
                     time_zone="America/New_York", currency="USD")
"""

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


def environment(database: Database) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database.url,
        "CONNECTOR_API_KEYS": carts.API_KEY,
        "SECRET_KEY": "only-for-the-benchmark-0123456789-0123456789-0123456789",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DEBUG": "off",
        "ENV_FILE": os.devnull,  # a developer's .env is not what is measured
    }


def prepare(database: Database, trips: int) -> None:
    """Migrate the new database, create the store and fill the tables."""
    _manage(database, "migrate", "--verbosity", "0")
    _manage(database, "shell", "--verbosity", "0", "--command", _CREATE_STORE)
    with database.connect() as connection:
        connection.execute(_LOAD_TRIPS, [trips])
        connection.execute(_LOAD_BODIES, [carts.cart_template(8).encode()])
        connection.execute("ANALYZE")


def _manage(database: Database, *arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=REPOSITORY, env=environment(database), check=True)


@contextmanager
def running_target(database: Database, log: Path) -> Iterator[Service]:
    command = [
        str(Path(sys.executable).with_name("granian")),
        *("--interface", "wsgi", "jwo_backoffice.wsgi:application"),
        *("--host", "127.0.0.1", "--port", "{port}", "--workers", str(WORKERS), "--blocking-threads", "1"),
        *("--no-ws", "--no-access-log", "--log-level", "warning"),
    ]
    stored = Stored(database, "orders_trip", "amazon_trip_id", "orders_cart", parts_per_line=False)
    with running("target", command, environment(database), stored, log) as service:
        yield service
