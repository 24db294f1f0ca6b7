"""What every report has: goals with what was reached, and the machine that it was reached on, as Markdown."""

import platform
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench.measure import Measurement
from bench.services import REPOSITORY


@dataclass(frozen=True)
class Goal:
    name: str
    what: str
    wanted: str
    is_met: Callable[[float], bool]
    ratios: Sequence[float]  # one per round; empty: not measured


def rates(found: Sequence[Measurement]) -> list[float]:
    return [one.load.per_second for one in found]


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Round by round, which takes out what slowed a whole round. Empty when one of the two was not measured."""
    return [a / b for a, b in zip(above, below, strict=False) if b]


def goal_table(found: Sequence[Goal]) -> str:
    rows = ["| goal | what | wanted | reached | range | met |", "|---|---|---|---|---|---|"]
    for goal in found:
        if not goal.ratios:
            rows.append(f"| {goal.name} | {goal.what} | {goal.wanted} | not measured | | |")
            continue
        reached = median(goal.ratios)
        span = f"{min(goal.ratios):.2f}–{max(goal.ratios):.2f}"
        met = "yes" if goal.is_met(reached) else "**no**"
        rows.append(f"| {goal.name} | {goal.what} | {goal.wanted} | {reached:.2f} | {span} | {met} |")
    return "\n".join(rows)


def commit() -> str:
    short = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    ).stdout.strip()
    changed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    ).stdout
    return f"commit {short or 'none'}{' with changes' if changed else ''}"


def surroundings(database_settings: Mapping[str, str], postgresql_version: str, packages: Sequence[str]) -> list[str]:
    """Machine, database, and these packages of ours."""
    processors = re.findall(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    return [
        f"- machine: {len(processors)} × {processors[0]}, {int(memory[1]) / 1048576 if memory else 0:.0f} GiB, "
        f"{platform.system()} {platform.release()}; load tool, programs and database share it",
        f"- database: PostgreSQL {postgresql_version}; "
        + ", ".join(f"{name} {value}" for name, value in database_settings.items()),
        f"- this project: Python {sys.version.split()[0]}, "
        + ", ".join(f"{name} {version(name)}" for name in packages),
    ]


def machine(database_settings: Mapping[str, str], postgresql_version: str, peer_python: Path) -> str:
    ours = ["Django", "djangorestframework", "msgspec", "granian", "psycopg"]
    peers = subprocess.run(
        [str(peer_python), "-m", "pip", "freeze"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    wanted = {"fastapi", "starlette", "uvicorn", "uvloop", "httptools", "asyncpg", "msgspec", "pydantic"}
    wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout.split(" Copyright")[0]
    return "\n".join(
        [
            *surroundings(database_settings, postgresql_version, ours),
            "- comparison: " + ", ".join(line for line in peers if line.partition("==")[0].lower() in wanted),
            f"- load: {wrk}, pgbench",
        ]
    )
