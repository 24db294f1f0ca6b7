"""Reading the roll-ups: sums of some days at some stores, by what a page is about."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import Exists, QuerySet, Sum, Value

from core.money import ZERO, rounded
from reports.figures import Figures
from reports.models import EVERYWHERE, DirtyDay, Fold, OverviewDay, StoreDay
from reports.query import Query
from reports.services.sums import QUANTITY, summed

Place = Callable[..., object]
# By currency, and there by place.
Placed = dict[str, dict[object, Figures]]


@dataclass(frozen=True, slots=True)
class Freshness:
    """What was committed before `at` is counted; None before anything was. `days_to_do` are being computed anew."""

    at: datetime | None
    has_days_to_do: bool


def freshness() -> Freshness:
    found = Fold.objects.annotate(has_days_to_do=Exists(DirtyDay.objects.all())).values_list("at", "has_days_to_do")
    return Freshness(*(found.first() or (None, False)))


def within(model: type[StoreDay], query: Query) -> QuerySet[Any]:
    """The table's rows of the days and stores that are asked about."""
    period = query.period
    rows: QuerySet[Any] = model._default_manager.filter(day__range=(period.first, period.last))
    return rows.filter(store__in=query.store_ids).order_by()


def to_sum(model: type[StoreDay], query: Query, *columns: str) -> QuerySet[Any]:
    """The same, to be added up by these columns. The sums of all stores are there already: they are read where nobody
    wants to tell the stores apart."""
    everywhere = EVERYWHERE.get(model)
    if everywhere is None or not query.is_about_everything or not everywhere.knows(columns):
        return within(model, query)
    rows: QuerySet[Any] = everywhere._default_manager.filter(day__range=(query.period.first, query.period.last))
    return rows.order_by()


def now_and_before(rows: Callable[[Query], QuerySet[Any]], query: Query) -> Iterator[tuple[bool, dict[str, Any]]]:
    """The groups of the period, each with True, and those of the days that it is compared with. One statement; `rows`
    returns `values()` of it."""
    groups = rows(query).annotate(is_now=Value(True))
    if query.before:
        groups = groups.union(rows(query.before).annotate(is_now=Value(False)), all=True)
    for group in groups:
        yield group.pop("is_now"), group


def figures(model: type[StoreDay], query: Query, by: Sequence[str], place: Place) -> tuple[Placed, Placed]:
    """What the table's rows say of the period and of the days it is compared with, at what `place` makes of the values
    of the columns `by`. Figures for which the table has no column stay zero. One statement."""
    now: Placed = {}
    before: Placed = {}
    sums = {f"sum_{name}": total for name, total in _SUMS.items() if name in model.values_in()}

    def groups(asked: Query) -> QuerySet[Any]:
        summed_up: QuerySet[Any] = to_sum(model, asked, *by, "currency").values(*by, "currency").annotate(**sums)
        return summed_up

    for is_now, group in now_and_before(groups, query):
        part = _figures_of(group, sums)
        places = (now if is_now else before).setdefault(part.currency, {})
        places.setdefault(place(*(group[column] for column in by)), Figures(part.currency)).add(part)
    return now, before


def total_of(placed: Placed, currency: str) -> Figures:
    total = Figures(currency)
    for part in placed.get(currency, {}).values():
        total.add(part)
    return total


def waiting(query: Query) -> dict[str, dict[str, Any]]:
    """By currency, how many carts of the period are `unpriced` and `uncollected`. One statement."""
    rows = to_sum(OverviewDay, query, "currency").values("currency")
    rows = rows.annotate(unpriced=Sum("unpriced"), uncollected=Sum("uncollected"))
    return {group.pop("currency"): group for group in rows}


def _figures_of(group: dict[str, Any], sums: dict[str, Any]) -> Figures:
    currency = group["currency"]
    values = {name.removeprefix("sum_"): group[name] for name in sums}
    amounts = {name: rounded(values[name], currency) for name in _AMOUNTS & values.keys()}
    return Figures(currency, **(values | amounts))


_AMOUNTS = {"gross", "tax", "unpaid", "refunded", "adjusted", "recovered"}
_COUNTS = [field.name for field in fields(Figures) if field.name not in {"currency", "items", *_AMOUNTS}]
_SUMS: dict[str, Any] = {
    **{name: summed(name) for name in sorted(_AMOUNTS)},
    "items": Sum("items", default=ZERO, output_field=QUANTITY),
    **{name: Sum(name) for name in _COUNTS},
}
