"""The two comparison programs: their virtual environment, their tables, their servers."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import sql

from bench.purchases import carts
from bench.purchases.databases import Database
from bench.purchases.services import REPOSITORY, WORKERS, Service, Stored, running

_ENVIRONMENT = REPOSITORY / ".venv-bench"
_REQUIREMENTS = REPOSITORY / "bench" / "requirements.txt"
_TABLES = Path(__file__).with_name("peer_tables.sql")


def install() -> Path:
    """The environment's Python, with what the requirements pin."""
    python = _ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(_ENVIRONMENT)], check=True)
    marker = _ENVIRONMENT / "installed-requirements.txt"
    wanted = _REQUIREMENTS.read_text()
    if not marker.exists() or marker.read_text() != wanted:
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(_REQUIREMENTS)], check=True)
        marker.write_text(wanted)
    return python


def create_tables(database: Database, schema: str, trips: int) -> None:
    statements = sql.SQL(_TABLES.read_text()).format(
        schema=sql.Identifier(schema), body=sql.Literal(carts.cart_template(8)), trips=sql.Literal(trips)
    )
    with database.connect() as connection:
        connection.execute(statements)


@contextmanager
def running_peer(name: str, database: Database, python: Path, log: Path, pool_size: int) -> Iterator[Service]:
    """`name` is the module's suffix and the schema: starlette or fastapi."""
    command = [
        str(python),
        *("-m", "uvicorn", f"bench.purchases.peer_{name}:app"),
        *("--host", "127.0.0.1", "--port", "{port}", "--workers", str(WORKERS)),
        *("--loop", "uvloop", "--http", "httptools", "--ws", "none"),
        *("--no-access-log", "--log-level", "warning"),
    ]
    environment = {
        "PEER_DATABASE_URL": database.url,
        "PEER_SCHEMA": name,
        "PEER_API_KEY": carts.API_KEY,
        "PEER_POOL_SIZE": str(pool_size),
    }
    stored = Stored(database, f"{name}.trip", "trip_id", f"{name}.line", parts_per_line=True)
    with running(name, command, environment, stored, log) as service:
        yield service
