"""Load on the database alone, made by pgbench: one prepared statement per connection, sent over and over."""

import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.databases import Database
from bench.load import THREADS, Load

_SAMPLED = 0.1  # share of the transactions whose time is kept: enough for p99, too few to cost anything


def run_pgbench(
    database: Database, script: Path, *, variables: Mapping[str, str], connections: int, seconds: int
) -> Load:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *("pgbench", "--no-vacuum", "--protocol", "prepared", "--file", str(script)),
            *("--client", str(connections), "--jobs", str(THREADS), "--time", str(seconds)),
            *(f"--define={name}={value}" for name, value in variables.items()),
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
