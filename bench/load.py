"""Load on a web program, made by wrk: closed loop, every connection sends its next body when the last is answered."""

import json
import random
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Marks in a body's template. Each is as long as what takes its place, so that a body keeps its length.
UUID_MARK = "@" * 36  # another UUID at each mark of each call
COPIED_UUID_MARK = "#" * 36  # a UUID that stays for all copies of a body
KEY_MARK = "$"  # as many as a key has characters: one of the keys, at random

THREADS = 2
_SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True)
class Load:
    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    faults: int


def run_wrk(
    url: str, *, template: str, connections: int, seconds: int, copies: int = 1, keys: Sequence[str] = ()
) -> Load:
    """Send bodies made of the template, each `copies` times in a row. An answer of 400 or more is a fault."""
    with tempfile.TemporaryDirectory() as folder:
        template_file, key_file = Path(folder, "template.json"), Path(folder, "keys.txt")
        template_file.write_text(template)
        key_file.write_text("".join(f"{key}\n" for key in keys))
        seed = random.randrange(1 << 32)
        command = [
            *("wrk", "--threads", str(min(THREADS, connections)), "--connections", str(connections)),
            *("--duration", f"{seconds}s", "--timeout", "10s", "--script", str(_SCRIPT), url),
            *("--", str(template_file), str(copies), str(seed), str(key_file)),
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
