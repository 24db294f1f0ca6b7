"""The table: what each goal asks for and what was reached, and every measurement behind it, as Markdown."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.measure import FLOOR, Measurement
from bench.purchases.measure import Scenario
from bench.purchases.storm import Verdict
from bench.report import Goal, commit, goal_table, machine, rates, ratios

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
            ratios([one.app_ms for one in ours], [one.total_ms for one in floor]),
        ),
        Goal(
            "P1, strict",
            "the same with PostgreSQL's time counted on our side too",
            "≤ 3.0",
            lambda ratio: ratio <= 3.0,
            ratios([one.total_ms for one in ours], [one.total_ms for one in floor]),
        ),
        Goal(
            "P2",
            f"carts/s / floor's, {few} connections",
            "≥ 0.35",
            lambda ratio: ratio >= 0.35,
            ratios(rates(ours), rates(floor)),
        ),
        Goal(
            "P3",
            f"carts/s / Starlette's, {many or 'many'} connections",
            "≥ 1.0",
            lambda ratio: ratio >= 1.0,
            ratios(rates(of(NEW, "target", many)), rates(of(NEW, "starlette", many))),
        ),
        Goal(
            "P4",
            f"p99 / Starlette's, {few} connections",
            "≤ 1.0",
            lambda ratio: ratio <= 1.0,
            ratios([one.load.p99_ms for one in ours], [one.load.p99_ms for one in peer]),
        ),
        Goal(
            "P5",
            "processor time of our server, 30 lines / 1 line",
            "≤ 1.25",
            lambda ratio: ratio <= 1.25,
            ratios([one.app_ms for one in thirty_lines], [one.app_ms for one in one_line]),
        ),
        Goal(
            "P5, strict",
            "seconds per cart at full load, 30 lines / 1 line",
            "≤ 1.25",
            lambda ratio: ratio <= 1.25,
            ratios(rates(one_line), rates(thirty_lines)),
        ),
        Goal(
            "P6",
            "answers/s in the 8-fold storm / new carts/s, each cart stored once, same answer to all",
            "≥ 2.5",
            lambda ratio: ratio >= 2.5 and stored_once,
            ratios(rates(of(STORM, "target", few)), rates(ours)),
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
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {commit()}. {round_count} interleaved rounds of {seconds} s; "
        f"{trips:,} trips stored before the first; 8-line carts unless said otherwise; 2 web workers. "
        "How to read it: [bench/README.md](../README.md).",
        machine(database_settings, postgresql_version, peer_python),
        "## Goals\n\nMedian of the rounds' ratios, then the lowest and the highest.",
        goal_table(goals(rounds, few, many, stored_once="target" in verdicts and not verdicts["target"].faults)),
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
    return f"{median(ratios(rates(found), rates(base))):.2f}" if base else ""


def _fault_list(rounds: Rounds) -> str:
    faults = [
        f"- round {number}, {scenario.title}, {TITLES[name]}: {one.fault}"
        for (scenario, name), found in rounds.items()
        for number, one in enumerate(found, start=1)
        if one.fault
    ]
    return "## Faults\n\n" + ("\n".join(faults) or "None: in every measurement the rows stored match the answers.")
