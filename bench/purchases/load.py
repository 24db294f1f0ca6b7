"""Load on a web program, made by wrk: closed loop, every connection sends its next cart when the last is answered."""

import json
import random
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.purchases import carts

THREADS = 2
_SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True)
class Load:
    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    faults: int


def run_wrk(url: str, *, lines: int, copies: int, connections: int, seconds: int) -> Load:
    """Send carts of `lines` lines, each `copies` times in a row. An answer of 400 or more is a fault."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as template:
        template.write(carts.cart_template(lines))
        template.flush()
        seed = random.randrange(1 << 32)
        command = [
            *("wrk", "--threads", str(THREADS), "--connections", str(connections), "--duration", f"{seconds}s"),
            *("--timeout", "10s", "--script", str(_SCRIPT), url, "--", template.name, str(copies), str(seed)),
        ]
        finished = subprocess.run(command, capture_output=True, text=True, check=True)
    said = json.loads(finished.stdout.splitlines()[-1])
    return Load(
        requests=said["requests"],
        per_second=said["requests"] / said["seconds"],
        p50_ms=said["p50_ms"],
        p99_ms=said["p99_ms"],
        faults=said["refused"] + said["broken"],
    )
