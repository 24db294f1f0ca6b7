"""The tables: goals G1 and G2 with what was reached, and every measurement behind them, as Markdown."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.gate.answers import Comparison
from bench.gate.calls import CALLS, Call
from bench.gate.flood import FLOOD_CONNECTIONS, PER_SECOND, Flooded
from bench.gate.measure import Scenario
from bench.gate.programs import PEER, TARGET
from bench.measure import FLOOR, Measurement
from bench.report import Goal, commit, goal_table, machine, ratios

Rounds = Mapping[tuple[Scenario, str], Sequence[Measurement]]
Floods = Mapping[str, Sequence[Flooded]]  # by arrangement

TITLES = {FLOOR: "floor (pgbench)", PEER: "Starlette + msgspec + asyncpg", TARGET: "this project"}
ONE_SERVER = "one server for both"
GATE_APART = "the gate as its own processes"


def goals(rounds: Rounds, floods: Floods, connections: int) -> list[Goal]:
    """G1 is read at so many connections."""
    found = [goal for call in CALLS for goal in _goals_of_call(rounds, call, connections)]
    for arrangement in (ONE_SERVER, GATE_APART):
        measured = floods.get(arrangement, ())
        reached = ratios([one.in_flood.p99_ms for one in measured], [one.alone.p99_ms for one in measured])
        what = f"p99 of identity-keys at {PER_SECOND}/s in a flood of carts / alone; {arrangement}"
        found.append(Goal("G2", what, "≤ 2.0", lambda ratio: ratio <= 2.0, reached))
    return found


def _goals_of_call(rounds: Rounds, call: Call, connections: int) -> list[Goal]:
    ours, peers = (rounds.get((Scenario(call, connections), name), ()) for name in (TARGET, PEER))
    what = f"{call.name}: processor time of our server / the peer's, {connections} connections"
    strict = f"{call.name}: the same with PostgreSQL's time on both sides"
    return [
        Goal(
            name,
            text,
            "≤ 1.0",
            lambda ratio: ratio <= 1.0,
            ratios([of(one) for one in ours], [of(one) for one in peers]),
        )
        for name, text, of in (
            ("G1", what, lambda one: one.app_ms),
            ("G1, strict", strict, lambda one: one.total_ms),
        )
    ]


def report(
    rounds: Rounds,
    floods: Floods,
    comparisons: Sequence[Comparison],
    *,
    connections: int,
    seconds: int,
    paced_seconds: int,
    rows: int,
    journal: str,
    gate_workers: int,
    database_settings: Mapping[str, str],
    postgresql_version: str,
    peer_python: Path,
) -> str:
    round_count = max((len(found) for found in (*rounds.values(), *floods.values())), default=0)
    parts = [
        "# The calls at the gate",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {commit()}. {round_count} interleaved rounds of {seconds} s, and of "
        f"{paced_seconds} s in the flood; {rows:,} members, scans, decisions and trips stored before the first; 2 web "
        "workers. How to read it: [bench/README.md](../README.md).",
        machine(database_settings, postgresql_version, peer_python),
        "## Goals\n\nMedian of the rounds' ratios, then the lowest and the highest.",
        goal_table(goals(rounds, floods, connections)),
        "## The same question to each, twice\n\nEvery answer read; rows counted by SQL.",
        _comparison_table(comparisons),
        "## Measured",
        "Medians. × is the median of the rounds' ratios. Processor time in ms per answered request: of the program (of "
        "pgbench for the floor) and of PostgreSQL; “whole” is both. “Others” is what the rest of the machine used "
        "meanwhile, in cores: near 0 or the rates mean nothing.",
        *(_scenario_table(scenario, rounds) for scenario in dict.fromkeys(scenario for scenario, _ in rounds)),
        f"## identity-keys at an even {PER_SECOND}/s while carts flood the server",
        f"8-line carts, {FLOOD_CONNECTIONS} connections, 2 web workers; apart, the gate has {gate_workers} more. "
        "Milliseconds from when a call was due. “Sent late” is how much of that (p99) passed before the call was sent, "
        "the load generator sharing the cores.",
        _flood_table(floods),
        "## Faults",
        _fault_list(rounds, floods, journal),
    ]
    return "\n\n".join(parts) + "\n"


def _comparison_table(comparisons: Sequence[Comparison]) -> str:
    rows = [
        "| call | questions | of these refused | one row each, same answer from all, both times |",
        "|---|---|---|---|",
    ]
    for one in comparisons:
        outcome = "yes" if not one.faults else f"**no**: {'; '.join(one.faults[:3])}"
        rows.append(f"| {one.call} | {one.questions} | {one.refused} | {outcome} |")
    return "\n".join(rows)


def _scenario_table(scenario: Scenario, rounds: Rounds) -> str:
    programs = {name: found for (its, name), found in rounds.items() if its == scenario}
    floor, peer = programs.get(FLOOR), programs.get(PEER)
    heads = [
        *("program", "requests/s", "× floor", "× peer", "p50 ms", "× peer", "p99 ms", "× peer", "program ms", "× peer"),
        *("PostgreSQL ms", "× floor", "× peer", "whole × floor", "busiest worker", "worker MB", "others"),
    ]
    rows = [f"### {scenario.title}", "", _row(heads), "|---" * len(heads) + "|"]
    for name, found in programs.items():
        rate, p50, p99, app, database, whole = (
            _Figure(found, value)
            for value in (
                lambda one: one.load.per_second,
                lambda one: one.load.p50_ms,
                lambda one: one.load.p99_ms,
                lambda one: one.app_ms,
                lambda one: one.database_ms,
                lambda one: one.total_ms,
            )
        )
        is_server = name != FLOOR
        rows.append(
            _row(
                [
                    *(TITLES[name], f"{rate.middle:,.0f}", rate.of(floor), rate.of(peer)),
                    *(f"{p50.middle:.2f}", p50.of(peer), f"{p99.middle:.2f}", p99.of(peer)),
                    *(f"{app.middle:.3f}", app.of(peer) if is_server else ""),
                    *(f"{database.middle:.3f}", database.of(floor), database.of(peer), whole.of(floor)),
                    f"{_Figure(found, lambda one: one.busiest_worker_share).middle:.0%}" if is_server else "",
                    f"{_Figure(found, lambda one: one.worker_mb).middle:.0f}" if is_server else "",
                    f"{_Figure(found, lambda one: one.others_cores).middle:.2f}",
                ]
            )
        )
    return "\n".join(rows)


class _Figure:
    """One number of each round's measurement."""

    def __init__(self, found: Sequence[Measurement], value: Callable[[Measurement], float]) -> None:
        self._found, self._value = found, value

    @property
    def middle(self) -> float:
        return median(self._value(one) for one in self._found)

    def of(self, base: Sequence[Measurement] | None) -> str:
        """As a multiple of what another program has in the same rounds."""
        each = ratios([self._value(one) for one in self._found], [self._value(one) for one in base or ()])
        return f"{median(each):.2f}" if each else ""


def _flood_table(floods: Floods) -> str:
    heads = ["arrangement", "", "p50 ms", "p99 ms", "sent late ms", "carts/s meanwhile"]
    rows = [_row(heads), "|---" * len(heads) + "|"]
    for arrangement, found in floods.items():
        for title, calls in (
            ("alone", [one.alone for one in found]),
            ("in the flood", [one.in_flood for one in found]),
        ):
            times = (median(getattr(one, name) for one in calls) for name in ("p50_ms", "p99_ms", "late_p99_ms"))
            carts = f"{median(one.carts.per_second for one in found):,.0f}" if title != "alone" else ""
            rows.append(_row([arrangement, title, *(f"{value:.2f}" for value in times), carts]))
    return "\n".join(rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _fault_list(rounds: Rounds, floods: Floods, journal: str) -> str:
    faults = [
        f"- round {number}, {title}: {one.fault}"
        for title, found in (
            *((f"{scenario.title}, {TITLES[name]}", found) for (scenario, name), found in rounds.items()),
            *floods.items(),
        )
        for number, one in enumerate(found, start=1)
        if one.fault
    ]
    if journal:
        faults.append(f"- {journal}")
    return "\n".join(faults) or (
        "None: in every measurement the rows stored match the answers, and the journal has every call of ours."
    )
