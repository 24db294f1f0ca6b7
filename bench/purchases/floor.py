"""The floor: what the database alone needs to keep a cart and its lines, driven by pgbench."""

import re
import subprocess
import tempfile
from pathlib import Path

from psycopg import sql

from bench.purchases import carts
from bench.purchases.databases import Database
from bench.purchases.load import Load
from bench.purchases.services import Stored

_TABLES = Path(__file__).with_name("floor_tables.sql")
_STATEMENT = Path(__file__).with_name("floor.sql")
_SAMPLED = 0.1  # share of the transactions whose time is kept: enough for p99, too few to cost anything


def create_tables(database: Database, trips: int) -> None:
    body = sql.Literal(carts.cart_template(8))
    statements = sql.SQL(_TABLES.read_text()).format(body=body, trips=sql.Literal(trips))
    with database.connect() as connection:
        connection.execute(statements)


def stored(database: Database) -> Stored:
    return Stored(database, "floor.trip", "trip_id", "floor.line", parts_per_line=True)


def run_pgbench(database: Database, *, lines: int, connections: int, seconds: int) -> Load:
    """One prepared statement per connection, sent over and over."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *("pgbench", "--no-vacuum", "--protocol", "prepared", "--file", str(_STATEMENT)),
            *("--client", str(connections), "--jobs", "2", "--time", str(seconds)),
            *("--define", f"body={carts.cart_template(lines)}"),
            *("--log", "--sampling-rate", str(_SAMPLED), "--log-prefix", f"{folder}/times"),
            *("--host", database.host, "--port", str(database.port), "--username", database.user, database.name),
        ]
        finished = subprocess.run(
            command, capture_output=True, text=True, check=True, env={"PGPASSWORD": database.password}
        )
        times = sorted(
            int(line.split()[2]) / 1000 for file in Path(folder).iterdir() for line in file.read_text().splitlines()
        )
    return Load(
        requests=int(_find(r"actually processed: (\d+)", finished.stdout)),
        per_second=float(_find(r"tps = ([0-9.]+)", finished.stdout)),
        p50_ms=times[len(times) // 2],
        p99_ms=times[len(times) * 99 // 100],
        faults=int(_find(r"failed transactions: (\d+)", finished.stdout)),
    )


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if not found:
        raise SystemExit(f"pgbench did not say {pattern!r}:\n{text}")
    return found[1]
