"""Databases full of trips: as many as wanted, the same for the same number."""

from importlib.resources import files

import psycopg

from bench.databases import Database
from bench.progress import say
from bench.target import manage

DAYS = 730  # over which the trips are spread, however many they are
OPEN = 2000  # the newest, among which some wait for a person
STORES = 300
_CHUNK = 250_000

_LOADED = (
    *("orders_trip", "orders_cart", "orders_line", "orders_tripevent", "orders_tripidentity", "orders_divergentcart"),
    *("payments_charge", "payments_paymentevent", "payments_carddetails", "payments_debt", "payments_refund"),
    *("payments_feedbackreport", "payments_receipt", "payments_gatedecision", "loyalty_scan"),
    *("amazon_outboundcall", "amazon_inboundcall"),
)
_PLAIN_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique ORDER BY 1
"""
_WITHOUT_DEFAULT = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_name = ANY(%s) AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
"""
_EMPTY = {"boolean": "false", "integer": "0", "smallint": "0", "numeric": "0", "jsonb": "'[]'"}


def fill(database: Database, trips: int) -> None:
    """Migrate the new database and fill its tables. Indexes are made at the end, which is several times faster."""
    manage(database, "migrate", "--verbosity", "0")
    with database.connect() as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute("SET synchronous_commit = off")  # it can be made again
        connection.execute("SET session_replication_role = replica")  # the foreign keys are right by construction
        _give_defaults(connection)
        connection.execute(_sql("stores.sql"))
        indexes = connection.execute(_PLAIN_INDEXES, [list(_LOADED)]).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        _insert(connection, trips)
        for number, (name, definition) in enumerate(indexes, 1):
            connection.execute(definition)
            say(f"{trips:,} trips: index {number} of {len(indexes)}, {name}")
        for table in ("orders_trip", "payments_charge"):
            connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {trips})")
        connection.execute("VACUUM (ANALYZE)")
    say(f"{trips:,} trips: the reports' roll-ups")
    manage(database, "rebuild_rollups")
    with database.connect() as connection:
        connection.execute("VACUUM (ANALYZE)")
    say(f"{trips:,} trips: ready")


def _give_defaults(connection: psycopg.Connection) -> None:
    """So that rows.sql names only what matters to lists: Django leaves no defaults in the database."""
    tables = [*_LOADED, "stores_store", "stores_product", "loyalty_member"]
    for table, column, kind in connection.execute(_WITHOUT_DEFAULT, [tables]).fetchall():
        empty = _EMPTY.get(kind, "''" if kind in {"text", "character varying"} else None)
        if empty is not None:
            connection.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {empty}")


def _insert(connection: psycopg.Connection, trips: int) -> None:
    rows = _sql("rows.sql")
    for first in range(1, trips + 1, _CHUNK):
        last = min(first + _CHUNK - 1, trips)
        connection.execute(rows.format(first=first, last=last, trips=trips, days=DAYS, open=OPEN))
        say(f"{trips:,} trips: {last:,} stored")


def _sql(name: str) -> str:
    return files("bench.lists").joinpath(name).read_text()
