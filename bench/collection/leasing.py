"""What it costs to lease due rows: are they dearer where many are due?"""

import json
import subprocess
import sys
from dataclasses import dataclass

from bench import databases
from bench.collection.ours import Ours
from bench.services import REPOSITORY
from bench.target import environment

_FALL_DUE = """
    UPDATE payments_charge SET next_attempt_at = now() - interval '1 hour' + id * interval '1 millisecond'
    WHERE id IN (SELECT id FROM payments_charge ORDER BY id LIMIT %s)
"""
_REST = "UPDATE payments_charge SET next_attempt_at = NULL WHERE next_attempt_at IS NOT NULL"


@dataclass(frozen=True)
class Leasing:
    warm_up: int  # rows of the first batch, which is not measured
    rows: int
    seconds: float
    statement_seconds: float  # without Python between the statements, and without the commit

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds

    @property
    def statement_us(self) -> float:
        """Of each row, in microseconds."""
        return self.statement_seconds * 1e6 / self.rows

    def in_short(self) -> str:
        return f"{self.rows:,} leased: {self.statement_us:.0f} µs per row, {self.rows_per_second:,.0f} rows/s"


def measure_leasing(ours: Ours, rows: int) -> Leasing:
    """So many charges fall due and are leased in batches, by one process. No worker may be running."""
    ours.connection.execute(_FALL_DUE, [rows])
    ours.connection.execute("VACUUM ANALYZE payments_charge")
    databases.checkpoint(ours.database)
    command = [sys.executable, "-m", "bench.collection.lease_due"]
    variables = environment(ours.database) | {"DJANGO_SETTINGS_MODULE": "jwo_backoffice.settings"}
    finished = subprocess.run(command, cwd=REPOSITORY, env=variables, capture_output=True, text=True, check=True)
    ours.connection.execute(_REST)
    found = Leasing(**json.loads(finished.stdout.splitlines()[-1]))
    if found.warm_up + found.rows != rows:
        raise SystemExit(f"{found.warm_up + found.rows} rows were leased where {rows} were due.")
    return found
