"""The floor: what the database alone needs to keep a cart and its lines, driven by pgbench."""

from pathlib import Path

from psycopg import sql

from bench import pgbench
from bench.databases import Database
from bench.load import Load
from bench.purchases import carts
from bench.purchases.services import Stored

_TABLES = Path(__file__).with_name("floor_tables.sql")
_STATEMENT = Path(__file__).with_name("floor.sql")


def create_tables(database: Database, trips: int) -> None:
    body = sql.Literal(carts.cart_template(8))
    statements = sql.SQL(_TABLES.read_text()).format(body=body, trips=sql.Literal(trips))
    with database.connect() as connection:
        connection.execute(statements)


def stored(database: Database) -> Stored:
    return Stored(database, "floor.trip", "trip_id", "floor.line", parts_per_line=True)


def run_pgbench(database: Database, *, lines: int, connections: int, seconds: int) -> Load:
    variables = {"body": carts.cart_template(lines)}
    return pgbench.run_pgbench(database, _STATEMENT, variables=variables, connections=connections, seconds=seconds)
