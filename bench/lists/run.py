"""Measure the staff's lists and the managers' reports, with few and with many trips.

`python -m bench.lists.run --help`
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench import databases
from bench.databases import Database
from bench.lists.report import LISTS, REPORTS, report
from bench.lists.tables import fill
from bench.progress import say
from bench.services import REPOSITORY
from bench.target import environment

_RESULTS = REPOSITORY / "bench" / "results"


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.lists.run", description=__doc__.partition("\n")[0])
    parser.add_argument("--trips", type=int, default=2_000_000, help="of the large database, up to 10,000,000")
    parser.add_argument("--few", type=int, default=10_000, help="trips of the database it is compared with")
    parser.add_argument("--requests", type=int, default=10, help="for each page in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database-url", default="postgres://postgres@127.0.0.1:5432/jwo_bench_lists")
    parser.add_argument("--keep", action="store_true", help="leave the databases; a later run with --keep uses them")
    parser.add_argument("--output", type=Path, default=_RESULTS, help="the folder for lists.md and reports.md")
    arguments = parser.parse_args()
    if not 6_000 <= arguments.few < arguments.trips <= 10_000_000:
        parser.error("6,000 to 10,000,000 trips, and more of them in the large database")
    if not 1 <= arguments.requests <= 100 or not 1 <= arguments.rounds <= 20:
        parser.error("1 to 100 requests, 1 to 20 rounds")
    return arguments


def run(arguments: argparse.Namespace) -> int:
    large = Database.from_url(arguments.database_url)
    with ExitStack() as stack:
        measured = {
            trips: stack.enter_context(_filled(large.named(f"{large.name}_{trips}"), trips, keep=arguments.keep))
            for trips in (arguments.few, arguments.trips)
        }
        rounds: list[dict[int, dict[str, Any]]] = []
        for number in range(1, arguments.rounds + 1):
            # In turns, so that a slow minute of the machine hits both.
            rounds.append({trips: _pages(database, arguments.requests) for trips, database in measured.items()})
            say(f"round {number} of {arguments.rounds}")
        with large.named("postgres").connect() as connection:
            version = connection.execute("SHOW server_version").fetchone()[0]
    arguments.output.mkdir(parents=True, exist_ok=True)
    has_faults = False
    for kind in (LISTS, REPORTS):
        text, faults = report(kind, rounds, few=arguments.few, many=arguments.trips, postgresql_version=version)
        has_faults |= bool(faults)
        sys.stdout.write(f"\n{text}\n")
        (arguments.output / kind.file).write_text(text)
        say(f"written to {arguments.output / kind.file}")
    return 1 if has_faults else 0


@contextmanager
def _filled(database: Database, trips: int, *, keep: bool) -> Iterator[Database]:
    if not keep:
        with databases.fresh(database):
            fill(database, trips)
            yield database
        return
    with database.named("postgres").connect() as server:
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database.name]).fetchone()
        if not known:
            server.execute(f'CREATE DATABASE "{database.name}"')
    if not known:
        fill(database, trips)
    yield database


def _pages(database: Database, requests: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.lists.measure", str(requests)]
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment(database) | {"PYTHONWARNINGS": "ignore", "HOME": os.environ.get("HOME", "/")},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return {page["name"]: page for page in map(json.loads, done.stdout.splitlines())}


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that the databases go away then too
    raise SystemExit(run(parsed_arguments()))
