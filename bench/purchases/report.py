"""The table: what each goal asks for and what was reached, and every measurement behind it, as Markdown."""

import platform
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench.purchases.measure import FLOOR, Measurement, Scenario
from bench.purchases.services import REPOSITORY
from bench.purchases.storm import Verdict

Rounds = Mapping[tuple[Scenario, str], Sequence[Measurement]]

NEW = "new carts"
ONE_LINE = "1-line carts"
THIRTY_LINES = "30-line carts"
STORM = "8-fold storm"
TITLES = {
    FLOOR: "floor (pgbench)",
    "starlette": "Starlette + msgspec + asyncpg",
    "fastapi": "FastAPI + asyncpg",
    "target": "this project",
}


@dataclass(frozen=True)
class Goal:
    name: str
    what: str
    wanted: str
    is_met: Callable[[float], bool]
    ratios: Sequence[float]  # one per round; empty: not measured


def _rates(found: Sequence[Measurement]) -> list[float]:
    return [one.load.per_second for one in found]


def _ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Round by round, which takes out what slowed a whole round. Empty when one of the two was not measured."""
    return [a / b for a, b in zip(above, below, strict=False) if b]


def goals(rounds: Rounds, few: int, many: int | None, *, stored_once: bool) -> list[Goal]:
    """P1 to P6; `few` and `many` are the numbers of connections they are read at."""

    def of(scenario_name: str, program: str, connections: int | None) -> Sequence[Measurement]:
        for (scenario, name), found in rounds.items():
            if (scenario.name, name, scenario.connections) == (scenario_name, program, connections):
                return found
        return []

    floor, peer, ours = (of(NEW, name, few) for name in (FLOOR, "starlette", "target"))
    one_line, thirty_lines = of(ONE_LINE, "target", few), of(THIRTY_LINES, "target", few)
    return [
        Goal(
            "P1",
            "processor time per cart: our server's / the floor's whole (pgbench + PostgreSQL)",
            "≤ 3.0",
            lambda ratio: ratio <= 3.0,
            _ratios([one.app_ms for one in ours], [one.total_ms for one in floor]),
        ),
        Goal(
            "P1, strict",
            "the same with PostgreSQL's time counted on our side too",
            "≤ 3.0",
            lambda ratio: ratio <= 3.0,
            _ratios([one.total_ms for one in ours], [one.total_ms for one in floor]),
        ),
        Goal(
            "P2",
            f"carts/s / floor's, {few} connections",
            "≥ 0.35",
            lambda ratio: ratio >= 0.35,
            _ratios(_rates(ours), _rates(floor)),
        ),
        Goal(
            "P3",
            f"carts/s / Starlette's, {many or 'many'} connections",
            "≥ 1.0",
            lambda ratio: ratio >= 1.0,
            _ratios(_rates(of(NEW, "target", many)), _rates(of(NEW, "starlette", many))),
        ),
        Goal(
            "P4",
            f"p99 / Starlette's, {few} connections",
            "≤ 1.0",
            lambda ratio: ratio <= 1.0,
            _ratios([one.load.p99_ms for one in ours], [one.load.p99_ms for one in peer]),
        ),
        Goal(
            "P5",
            "processor time of our server, 30 lines / 1 line",
            "≤ 1.25",
            lambda ratio: ratio <= 1.25,
            _ratios([one.app_ms for one in thirty_lines], [one.app_ms for one in one_line]),
        ),
        Goal(
            "P5, strict",
            "seconds per cart at full load, 30 lines / 1 line",
            "≤ 1.25",
            lambda ratio: ratio <= 1.25,
            _ratios(_rates(one_line), _rates(thirty_lines)),
        ),
        Goal(
            "P6",
            "answers/s in the 8-fold storm / new carts/s, each cart stored once, same answer to all",
            "≥ 2.5",
            lambda ratio: ratio >= 2.5 and stored_once,
            _ratios(_rates(of(STORM, "target", few)), _rates(ours)),
        ),
    ]


def report(
    rounds: Rounds,
    verdicts: Mapping[str, Verdict],
    *,
    connections: Sequence[int],
    seconds: int,
    trips: int,
    database_settings: Mapping[str, str],
    postgresql_version: str,
    peer_python: Path,
) -> str:
    few = connections[0]
    many = connections[-1] if len(connections) > 1 else None
    round_count = max(len(found) for found in rounds.values())
    parts = [
        "# POST /v1/order/purchases",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_commit()}. {round_count} interleaved rounds of {seconds} s; "
        f"{trips:,} trips stored before the first; 8-line carts unless said otherwise; 2 web workers. "
        "How to read it: [bench/README.md](../README.md).",
        _machine(database_settings, postgresql_version, peer_python),
        "## Goals\n\nMedian of the rounds' ratios, then the lowest and the highest.",
        _goal_table(goals(rounds, few, many, stored_once="target" in verdicts and not verdicts["target"].faults)),
        "## Same cart eight times at once\n\nEvery answer read; rows counted by SQL.",
        _verdict_table(verdicts),
        "## Measured",
        "Medians. Processor time in ms per answered request: of the program (of pgbench for the floor) and of "
        "PostgreSQL. “Others” is what the rest of the machine used meanwhile, in cores: near 0 or the rates mean "
        "nothing.",
        *(_scenario_table(scenario, rounds) for scenario in dict.fromkeys(scenario for scenario, _ in rounds)),
        _fault_list(rounds),
    ]
    return "\n\n".join(parts) + "\n"


def _goal_table(found: Sequence[Goal]) -> str:
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


def _verdict_table(verdicts: Mapping[str, Verdict]) -> str:
    rows = ["| program | carts | answers | one row each, same answer to all |", "|---|---|---|---|"]
    for name, verdict in verdicts.items():
        outcome = "yes" if not verdict.faults else f"**no**: {'; '.join(verdict.faults[:3])}"
        rows.append(f"| {TITLES[name]} | {verdict.carts} | {verdict.answers} | {outcome} |")
    return "\n".join(rows)


def _scenario_table(scenario: Scenario, rounds: Rounds) -> str:
    rows = [
        f"### {scenario.title}",
        "",
        "| program | requests/s | of the floor | of Starlette | p50 ms | p99 ms | program ms | PostgreSQL ms "
        "| busiest worker | worker MB | others |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    programs = {name: found for (its, name), found in rounds.items() if its == scenario}
    for name, found in programs.items():

        def middle(value: Callable[[Measurement], float], found: Sequence[Measurement] = found) -> float:
            return median(value(one) for one in found)

        is_floor = name == FLOOR
        rows.append(
            f"| {TITLES[name]} | {middle(lambda one: one.load.per_second):,.0f} "
            f"| {_relative(found, programs.get(FLOOR))} | {_relative(found, programs.get('starlette'))} "
            f"| {middle(lambda one: one.load.p50_ms):.1f} | {middle(lambda one: one.load.p99_ms):.1f} "
            f"| {middle(lambda one: one.app_ms):.3f} | {middle(lambda one: one.database_ms):.3f} "
            f"| {'' if is_floor else f'{middle(lambda one: one.busiest_worker_share):.0%}'} "
            f"| {'' if is_floor else f'{middle(lambda one: one.worker_mb):.0f}'} "
            f"| {middle(lambda one: one.others_cores):.2f} |"
        )
    return "\n".join(rows)


def _relative(found: Sequence[Measurement], base: Sequence[Measurement] | None) -> str:
    return f"{median(_ratios(_rates(found), _rates(base))):.2f}" if base else ""


def _fault_list(rounds: Rounds) -> str:
    faults = [
        f"- round {number}, {scenario.title}, {TITLES[name]}: {one.fault}"
        for (scenario, name), found in rounds.items()
        for number, one in enumerate(found, start=1)
        if one.fault
    ]
    return "## Faults\n\n" + ("\n".join(faults) or "None: in every measurement the rows stored match the answers.")


def _commit() -> str:
    short = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    ).stdout.strip()
    changed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    ).stdout
    return f"commit {short or 'none'}{' with changes' if changed else ''}"


def _machine(database_settings: Mapping[str, str], postgresql_version: str, peer_python: Path) -> str:
    processors = re.findall(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    ours = ["Django", "djangorestframework", "msgspec", "granian", "psycopg"]
    peers = subprocess.run(
        [str(peer_python), "-m", "pip", "freeze"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    wanted = {"fastapi", "starlette", "uvicorn", "uvloop", "httptools", "asyncpg", "msgspec", "pydantic"}
    wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout.split(" Copyright")[0]
    return "\n".join(
        [
            f"- machine: {len(processors)} × {processors[0]}, {int(memory[1]) / 1048576 if memory else 0:.0f} GiB, "
            f"{platform.system()} {platform.release()}; load tool, programs and database share it",
            f"- database: PostgreSQL {postgresql_version}; "
            + ", ".join(f"{name} {value}" for name, value in database_settings.items()),
            f"- this project: Python {sys.version.split()[0]}, "
            + ", ".join(f"{name} {version(name)}" for name in ours),
            "- comparison: " + ", ".join(line for line in peers if line.partition("==")[0].lower() in wanted),
            f"- load: {wrk}, pgbench",
        ]
    )
