"""What was given back: why, by whom, where, when, and for trips of which day."""

from collections import defaultdict
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.text import capfirst

from core.money import ZERO, rounded
from reports.cells import Column, Kind, Value
from reports.figures import divided
from reports.models import RefundDay
from reports.pages.cards import cards_of
from reports.pages.links import Links
from reports.pages.page import Block, Page, Report, Row
from reports.periods import Period
from reports.query import Query
from reports.services.reading import freshness, now_and_before, to_sum
from reports.services.sums import summed

GROUPS = {
    "reason": "reason",
    "person": "staff member",
    "store": "store",
    "day": "day",
    "trip_day": "day of the trip",
}
Lines = dict[str, list[dict[str, Value]]]
_CARDS = ("refunds", "refunded", "average")


def columns(group: str) -> list[Column]:
    return [
        Column("group", capfirst(GROUPS[group]), Kind.DAY if group in {"day", "trip_day"} else Kind.TEXT),
        Column("refunds", "Refunds", Kind.COUNT),
        Column("refunded", "Refunded", Kind.MONEY),
        Column("share", "Of all refunded", Kind.SHARE),
        Column("average", "On average", Kind.MONEY),
    ]


def build(query: Query) -> Report:
    now, before = _lines(query)
    links, blocks = Links(query, "refunds"), []
    for currency in sorted(now.keys() | before.keys()):
        lines = now.get(currency, [])
        total = _total(currency, lines)
        then = _total(currency, before.get(currency, [])) if query.previous else None
        for line in (*lines, total):
            line["share"] = divided(_number(line["refunded"]), _number(total["refunded"]))
        shown = [column for column in columns(query.group) if column.key in _CARDS]
        cards = cards_of(links, shown, currency, total, then)
        blocks.append(Block(currency, _in_order(query.group, lines), total, then, cards=cards))
    return Report(query, columns(query.group), blocks, freshness())


def _lines(query: Query) -> tuple[Lines, Lines]:
    """By currency, now and before."""
    names = {store.pk: store.name for store in query.stores}
    now: defaultdict[str, list[dict[str, Value]]] = defaultdict(list)
    before: defaultdict[str, list[dict[str, Value]]] = defaultdict(list)
    for is_now, group in now_and_before(_groups, query):
        label = names[group["store"]] if query.group == "store" else group[query.group]
        line = _row(group["currency"], label, group["count"], group["sum"])
        (now if is_now else before)[group["currency"]].append(line)
    return now, before


def _groups(query: Query) -> QuerySet[Any]:
    rows = to_sum(RefundDay, query, "currency", query.group).values("currency", query.group)
    groups: QuerySet[Any] = rows.annotate(count=Sum("refunds"), sum=summed("amount"))
    return groups


def _total(currency: str, lines: list[dict[str, Value]]) -> dict[str, Value]:
    return _row(currency, "Total", sum(_number(line["refunds"]) for line in lines), _sum_of(lines))


def _row(currency: str, label: Value, count: int, amount: Any) -> dict[str, Value]:
    refunded = rounded(amount, currency)
    return {
        "group": label,
        "refunds": count,
        "refunded": refunded,
        "average": rounded(refunded / count, currency) if count else None,
    }


def _in_order(group: str, lines: list[dict[str, Value]]) -> list[Row]:
    """Days as they follow each other, else the most first."""
    if group in {"day", "trip_day"}:
        return sorted(lines, key=lambda line: str(line["group"]))
    return sorted(lines, key=lambda line: (-_number(line["refunded"]), str(line["group"])))


def _sum_of(lines: list[dict[str, Value]]) -> Any:
    return sum((_number(line["refunded"]) for line in lines), ZERO)


def _number(value: Any) -> Any:
    return value or 0


def _fitting(period: Period) -> str:
    return "reason"


PAGE = Page(
    key="refunds",
    title="Refunds",
    about="Refunds that were done in these days, whenever their trips came.",
    groups=GROUPS,
    fitting=_fitting,
    compares=True,
    columns=columns,
    build=build,
)
