"""The programs under test: their full tables, their servers, and where they keep what they were told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from bench.databases import Database
from bench.gate.calls import CALLS, EXCEPTION, IDENTITY_KEYS, Call
from bench.measure import FLOOR
from bench.peers import running_uvicorn
from bench.purchases import target as purchases_target
from bench.services import WORKERS, Server
from bench.target import running_granian

PEER = "starlette"
TARGET = "target"
_TABLES = Path(__file__).with_name("tables.sql")
_TARGET_TABLES = Path(__file__).with_name("target_tables.sql")


@dataclass(frozen=True)
class Program:
    """`server` is None for the floor."""

    name: str
    database: Database
    server: Server | None

    def stored(self, call: Call) -> int:
        """How many rows there are for this call."""
        table = call.stored_by_us if self.name == TARGET else f"{self.name}.{call.stored_in}"
        with self.database.connect() as connection:
            return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def create_tables(database: Database, schema: str, rows: int) -> None:
    """Of the peer, or of the floor."""
    _fill(database, _TABLES, schema=sql.Identifier(schema), rows=sql.Literal(rows), exception=sql.Literal(EXCEPTION))


def prepare_target(database: Database, rows: int) -> None:
    purchases_target.prepare(database, rows)
    _fill(database, _TARGET_TABLES, rows=sql.Literal(rows), exception=sql.Literal(EXCEPTION))


def _fill(database: Database, file: Path, **values: sql.Composable) -> None:
    with database.connect() as connection:
        connection.execute(sql.SQL(file.read_text()).format(**values))


def floor(database: Database) -> Program:
    return Program(FLOOR, database, None)


@contextmanager
def running_peer(database: Database, python: Path, log: Path, pool_size: int) -> Iterator[Program]:
    application = "bench.gate.peer_starlette:app"
    with running_uvicorn(PEER, application, database, python, log, pool_size, probed=IDENTITY_KEYS.path) as server:
        yield Program(PEER, database, server)


@contextmanager
def running_target(database: Database, log: Path, *, workers: int = WORKERS) -> Iterator[Program]:
    with running_granian(TARGET, database, log, probed=IDENTITY_KEYS.path, workers=workers) as server:
        yield Program(TARGET, database, server)


def rows_of_target(program: Program) -> tuple[int, int]:
    """Everything that Amazon's calls have left, trips too, and the journal of these calls."""
    with program.database.connect() as connection:
        trips, journal = connection.execute(
            "SELECT (SELECT count(*) FROM orders_trip), (SELECT count(*) FROM amazon_inboundcall)"
        ).fetchone()
    return trips + sum(program.stored(call) for call in CALLS), journal
