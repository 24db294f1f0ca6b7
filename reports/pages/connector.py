"""How calls went, Amazon's to us and ours: how many, how they ended, how long they took."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet, Sum

from reports.cells import Column, Kind, Value
from reports.figures import divided
from reports.histograms import percentile
from reports.models import CallDay, CallFold, Direction, Outcome
from reports.pages.grouping import GROUPS, head, place_of, places
from reports.pages.page import Block, Page, Report, Row
from reports.periods import Period
from reports.query import BY_HOUR, BY_STORE, Query
from reports.services.reading import Freshness

BY_ENDPOINT = "endpoint"
NO_STORE = "no store"

_COUNT, _MS = Kind.COUNT, Kind.MILLISECONDS
COLUMNS = [
    Column("calls", "Calls", _COUNT),
    Column("done", "2xx", _COUNT, "Answered with success."),
    Column("refused", "4xx", _COUNT, "What the caller did was refused."),
    Column("failed", "5xx or none", _COUNT, "The answering side failed, or no answer came."),
    Column("done_share", "Success", Kind.SHARE, "2xx, of the calls."),
    Column("p50", "p50", _MS, "Half of the calls took no longer."),
    Column("p95", "p95", _MS, "Of 100 calls 95 took no longer."),
    Column("p99", "p99", _MS, "Of 100 calls 99 took no longer."),
]


@dataclass(slots=True)
class _Calls:
    """By how they ended, and by how long they took (reports.histograms)."""

    outcomes: Counter[str] = field(default_factory=Counter)
    durations: Counter[int] = field(default_factory=Counter)

    def add(self, outcome: str, bucket: int, number: int) -> None:
        self.outcomes[outcome] += number
        self.durations[bucket] += number

    def row(self, label: Value) -> Row:
        calls = self.outcomes.total()
        return {
            "group": label,
            "calls": calls,
            "done": self.outcomes[Outcome.DONE],
            "refused": self.outcomes[Outcome.REFUSED],
            "failed": self.outcomes[Outcome.FAILED],
            "done_share": divided(self.outcomes[Outcome.DONE], calls),
            "p50": percentile(self.durations, 0.50),
            "p95": percentile(self.durations, 0.95),
            "p99": percentile(self.durations, 0.99),
        }


def columns(group: str) -> list[Column]:
    return [Column("group", "Endpoint") if group == BY_ENDPOINT else head(group), *COLUMNS]


def build(query: Query) -> Report:
    """Two statements, one of them for how fresh it is."""
    place = _place_of(query)
    parts: defaultdict[str, defaultdict[Any, _Calls]] = defaultdict(lambda: defaultdict(_Calls))
    totals: defaultdict[str, _Calls] = defaultdict(_Calls)
    key = query.group if query.group == BY_STORE else "name" if query.group == BY_ENDPOINT else "day"
    for group in _rows(query).values("direction", "outcome", "bucket", key).annotate(number=Sum("calls")):
        call = (group["outcome"], group["bucket"], group["number"])
        parts[group["direction"]][place(group)].add(*call)
        totals[group["direction"]].add(*call)
    blocks = [
        Block(
            "",
            [found[each].row(label) for each, label in _places(query, found)],
            totals[direction].row("Total"),
            title=direction.label,
        )
        for direction in Direction
        if (found := parts.get(direction))
    ]
    return Report(query, columns(query.group), blocks, _freshness())


def _rows(query: Query) -> QuerySet[CallDay]:
    seen = Q(store__in=query.store_ids)
    if query.is_about_everything:
        seen |= Q(store__isnull=True)
    return CallDay.objects.filter(seen, day__range=(query.period.first, query.period.last)).order_by()


def _place_of(query: Query) -> Callable[[dict[str, Any]], Any]:
    return (lambda group: group["name"]) if query.group == BY_ENDPOINT else place_of(query)


def _places(query: Query, found: dict[Any, _Calls]) -> list[tuple[Any, Value]]:
    if query.group == BY_ENDPOINT:
        return [(name, name) for name in sorted(found)]
    return places(query, found) + [(None, NO_STORE) for place in found if place is None]


def _freshness() -> Freshness:
    fold = CallFold.objects.first()
    return Freshness(fold.at if fold else None, has_days_to_do=False)


def _fitting(period: Period) -> str:
    return BY_ENDPOINT


PAGE = Page(
    key="connector",
    title="Connector",
    about="Calls count on the day they were made; what staff sent again does not. Times are at most 6 % off.",
    groups={BY_ENDPOINT: BY_ENDPOINT} | {key: name for key, name in GROUPS.items() if key != BY_HOUR},
    fitting=_fitting,
    compares=False,
    columns=columns,
    build=build,
    has_currencies=False,
    nothing="No call of these stores is counted.",
)
