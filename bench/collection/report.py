"""The tables: goals M1 to M3 with what was reached, and every measurement behind them, as Markdown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import TypeVar

from bench.collection.leasing import Leasing
from bench.collection.measure import Collected
from bench.collection.ours import Ours
from bench.collection.outage import Outage
from bench.collection.usual_way import UsualWay
from bench.measure import FLOOR
from bench.report import Goal, commit, goal_table, ratios, surroundings

One = TypeVar("One")

MOST_MEGABYTES = 200
_TITLES = {
    FLOOR: "floor: lease and record",
    UsualWay.name: "one Celery task per trip",
    Ours.name: "this project",
}


@dataclass(frozen=True)
class Sizes:
    trips: int
    usual_trips: int
    floor_trips: int
    settled: int
    backlog: int
    outage_seconds: float
    carts_per_second: float
    few_due: int
    delay_ms: float
    rounds: int


@dataclass
class Found:
    """One of each for every round."""

    collected: dict[str, list[Collected]] = field(default_factory=dict)
    outages: list[Outage] = field(default_factory=list)
    leasing: dict[int, list[Leasing]] = field(default_factory=dict)  # by how many were due

    @property
    def faults(self) -> list[str]:
        titled = {_TITLES[name]: found for name, found in self.collected.items()} | {"outage": self.outages}
        return [
            f"round {number}, {title}: {fault}"
            for title, found in titled.items()
            for number, one in enumerate(found, start=1)
            for fault in one.faults
        ]


def goals(found: Found, sizes: Sizes) -> list[Goal]:
    floor, usual, ours = (found.collected.get(name, ()) for name in (FLOOR, UsualWay.name, Ours.name))
    outages = found.outages
    few, many = (found.leasing.get(rows, ()) for rows in (sizes.few_due, sizes.settled))
    return [
        Goal(
            "M1",
            "trips collected per second / the usual way's",
            "≥ 100",
            lambda ratio: ratio >= 100,
            ratios([one.per_second for one in ours], [one.per_second for one in usual]),
        ),
        Goal(
            "M2",
            "PostgreSQL's processor time per trip / the floor's",
            "≤ 2.0",
            lambda ratio: ratio <= 2.0,
            ratios([one.database_ms for one in ours], [one.database_ms for one in floor]),
        ),
        Goal(
            "M3",
            "backlog drained per second after an outage / carts coming in per second",
            "≥ 10",
            lambda ratio: ratio >= 10,
            [one.drained_per_second / one.came_in_per_second for one in outages if one.came_in],
        ),
        Goal(
            "M3, oldest first",
            "correlation of the order of captures with that of falling due",
            "≥ 0.9",
            lambda value: value >= 0.9,
            [one.age_correlation for one in outages],
        ),
        Goal(
            "M3, 429",
            "calls made again before their Retry-After was over",
            "0",
            lambda number: number == 0,
            [float(one.early) for one in outages],
        ),
        Goal(
            "M3, 429, strict",
            "any calls of the host before a Retry-After was over",
            "0",
            lambda number: number == 0,
            [float(one.meanwhile) for one in outages],
        ),
        Goal(
            "leasing",
            f"time of the statements per row, {sizes.settled:,} due / {sizes.few_due:,} due",
            "≤ 1.1",
            lambda ratio: ratio <= 1.1,
            ratios([one.statement_us for one in many], [one.statement_us for one in few]),
        ),
        Goal(
            "memory",
            "MB of the largest worker process",
            f"≤ {MOST_MEGABYTES}",
            lambda megabytes: megabytes <= MOST_MEGABYTES,
            [one.worker_mb for one in [*ours, *outages]],
        ),
    ]


def report(found: Found, sizes: Sizes, database_settings: Mapping[str, str], postgresql_version: str) -> str:
    packages = ["Django", "celery", "requests", "requests-aws4auth", "redis", "psycopg"]
    parts = [
        "# Collecting",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {commit()}. {sizes.rounds} interleaved rounds; {sizes.settled:,} "
        f"settled trips stored before the first; the stand-in for Amazon answers after {sizes.delay_ms:g} ms; 2 worker "
        "processes. How to read it: [bench/README.md](../README.md#collecting).",
        "\n".join(surroundings(database_settings, postgresql_version, packages)),
        "## Goals\n\nMedian of the rounds, then the lowest and the highest.",
        goal_table(goals(found, sizes)),
        "## Trips that fall due together",
        f"{sizes.trips:,} trips; {sizes.usual_trips:,} for the usual way, {sizes.floor_trips:,} for the floor. "
        "Medians. The rate counts from the first call to the last capture. Processor time in ms per trip, of the "
        "workers (of the client for the floor) and of PostgreSQL, until nothing is left to be done: for this project "
        "that includes the card, the report to Amazon's fraud-and-abuse service and the receipt's page. “Others” is "
        "what the rest of the machine used meanwhile, in cores: near 0 or the rates mean nothing.",
        _collected_table(found.collected),
        "## An outage",
        f"{sizes.backlog:,} trips fall due within {sizes.outage_seconds:g} s, in which every connection is refused. "
        "Then Amazon is back, answers 429 for 2 s soon after, and carts come in through the connector at "
        f"{sizes.carts_per_second:g}/s until the last trip of the backlog is captured. Medians.",
        _outage_table(found.outages),
        "## Leasing",
        "Every due row is leased by one process, in batches as a worker takes them. Medians.",
        _leasing_table(found.leasing),
        "## Faults",
        "\n".join(f"- {fault}" for fault in found.faults)
        or "None: Amazon took each trip's money once, the rows say the same, and nothing was left to be done.",
    ]
    return "\n\n".join(parts) + "\n"


def _collected_table(collected: Mapping[str, Sequence[Collected]]) -> str:
    heads = [
        *("program", "trips/s", "× usual", "workers ms", "PostgreSQL ms", "× floor"),
        *("first call after s", "all done after s", "worker MB", "others"),
    ]
    rows = [_row(heads), "|---" * len(heads) + "|"]
    for name, found in collected.items():
        is_floor = name == FLOOR
        rows.append(
            _row(
                [
                    *(_TITLES[name], f"{_middle(found, lambda one: one.per_second):,.0f}"),
                    _times(found, collected.get(UsualWay.name, ()), lambda one: one.per_second),
                    f"{_middle(found, lambda one: one.app_ms):.2f}",
                    f"{_middle(found, lambda one: one.database_ms):.3f}",
                    _times(found, collected.get(FLOOR, ()), lambda one: one.database_ms),
                    "" if is_floor else f"{_middle(found, lambda one: one.first_call_seconds):.2f}",
                    f"{_middle(found, lambda one: one.whole_seconds):.1f}",
                    "" if is_floor else f"{_middle(found, lambda one: one.worker_mb):.0f}",
                    f"{_middle(found, lambda one: one.others_cores):.2f}",
                ]
            )
        )
    return "\n".join(rows)


def _outage_table(outages: Sequence[Outage]) -> str:
    figures: dict[str, Callable[[Outage], float]] = {
        "seconds until the backlog was drained": lambda one: one.seconds,
        "most failed attempts of a trip before": lambda one: one.most_failures,
        "trips of the backlog drained per second": lambda one: one.drained_per_second,
        "carts that came in per second meanwhile": lambda one: one.came_in_per_second,
        "correlation of captures with age": lambda one: one.age_correlation,
        "answers 429": lambda one: one.told_to_wait,
        "calls made again before their Retry-After was over": lambda one: one.early,
        "any calls of the host before a Retry-After was over": lambda one: one.meanwhile,
        "MB of the largest worker process": lambda one: one.worker_mb,
    }
    rows = ["| what | reached |", "|---|---|"]
    if outages:
        rows += [_row([title, f"{_middle(outages, value):,.2f}"]) for title, value in figures.items()]
    return "\n".join(rows)


def _leasing_table(leasing: Mapping[int, Sequence[Leasing]]) -> str:
    rows = ["| due | rows/s | µs per row in statements |", "|---|---|---|"]
    for due, found in leasing.items():
        rate = _middle(found, lambda one: one.rows_per_second)
        rows.append(_row([f"{due:,}", f"{rate:,.0f}", f"{_middle(found, lambda one: one.statement_us):.1f}"]))
    return "\n".join(rows)


def _middle(found: Sequence[One], value: Callable[[One], float]) -> float:
    return median(value(one) for one in found)


def _times(found: Sequence[Collected], base: Sequence[Collected], value: Callable[[Collected], float]) -> str:
    """As a multiple of what another program has in the same rounds."""
    each = ratios([value(one) for one in found], [value(one) for one in base])
    return f"{median(each):.2f}" if each else ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
