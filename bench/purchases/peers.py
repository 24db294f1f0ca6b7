"""The two comparison programs: their tables and their servers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import sql

from bench.databases import Database
from bench.peers import running_uvicorn
from bench.purchases import carts
from bench.purchases.services import Service, Stored

_TABLES = Path(__file__).with_name("peer_tables.sql")


def create_tables(database: Database, schema: str, trips: int) -> None:
    statements = sql.SQL(_TABLES.read_text()).format(
        schema=sql.Identifier(schema), body=sql.Literal(carts.cart_template(8)), trips=sql.Literal(trips)
    )
    with database.connect() as connection:
        connection.execute(statements)


@contextmanager
def running_peer(name: str, database: Database, python: Path, log: Path, pool_size: int) -> Iterator[Service]:
    """`name` is the module's suffix and the schema: starlette or fastapi."""
    application = f"bench.purchases.peer_{name}:app"
    with running_uvicorn(name, application, database, python, log, pool_size, probed=carts.PATH) as server:
        yield Service(server, Stored(database, f"{name}.trip", "trip_id", f"{name}.line", parts_per_line=True))
