"""The result of a run as Markdown: a line a page, and what is not as it should be."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.lists.tables import DAYS, STORES
from bench.report import commit, surroundings

_MOST_RATIO = 1.5
_HEADS = "| page | p50 ms, few | many | processor ms, few | many | ratio | statements | rows read | as wanted |"
_PACKAGES = ["Django", "django-unfold", "psycopg"]


@dataclass(frozen=True)
class Kind:
    """Pages that are wanted the same of. `most_read`: rows that a step of a statement may read, if that is limited."""

    title: str
    file: str
    is_report: bool
    statements: int
    most_read: int | None
    wanted: str


LISTS = Kind(
    "Lists",
    "lists.md",
    is_report=False,
    statements=15,
    most_read=10_001,  # what a list counts
    wanted="no sequential scan over a large table, and no step of a statement\n"
    "that reads more rows than a list counts (10,001)",
)
REPORTS = Kind(
    "Reports",
    "reports.md",
    is_report=True,
    statements=10,
    most_read=None,
    wanted="and no sequential scan over a table that is no roll-up",
)


def report(
    kind: Kind, rounds: Sequence[dict[int, dict[str, Any]]], *, few: int, many: int, postgresql_version: str
) -> tuple[str, list[str]]:
    pages = [name for name, page in rounds[0][many].items() if page["is_report"] == kind.is_report]
    rows, faults, over = [], [], []
    for name in pages:
        small, large = ([one[trips][name] for one in rounds] for trips in (few, many))
        ratios = [b["processor_ms"] / a["processor_ms"] for a, b in zip(small, large, strict=True)]
        last = large[-1]
        marks = []
        if median(ratios) > _MOST_RATIO:
            over.append(name)
            marks.append("ratio")
        if last["statements"] >= kind.statements:
            marks.append("statements")
        if kind.most_read is not None and last["read"] > kind.most_read:
            marks.append("rows read")
        marks += [f"scan of {table}" for table in last["scans"] if not (kind.is_report and _is_roll_up(table))]
        if marks and marks != ["ratio"]:
            faults.append(name)
        rows.append(
            f"| {name} | {_ms(small, 'ms')} | {_ms(large, 'ms')} | {_ms(small, 'processor_ms')} "
            f"| {_ms(large, 'processor_ms')} | {median(ratios):.2f} | {last['statements']} | {last['read']:,} "
            f"| {', '.join(marks) or 'yes'} |"
        )
    good = len(pages) - len({*over, *faults})
    text = f"""# {kind.title}: {few:,} and {many:,} trips

{commit()}; {len(rounds)} rounds.

Wanted of each page: processor time of Python and PostgreSQL together at most {_MOST_RATIO} × that with {few:,} trips,
fewer than {kind.statements} statements, {kind.wanted}. {good} of {len(pages)} pages reach all of it; the ratio is
missed by {len(over)}, something else by {len(faults)}.

Both databases spread their trips over {DAYS} days and {STORES} stores. p50 is what a request takes through Django's
test client, without a network. “Rows read” is what the greediest step of any statement reads in the large database.

{_HEADS}
|---|---|---|---|---|---|---|---|---|
{chr(10).join(rows)}

{chr(10).join(surroundings({}, postgresql_version, _PACKAGES))}
"""
    return text, faults


def _is_roll_up(table: str) -> bool:
    return table.startswith("reports_")


def _ms(found: Sequence[dict[str, Any]], what: str) -> str:
    return f"{median(one[what] for one in found):.0f}"
