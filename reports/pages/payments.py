"""What became of the money: by the way it is collected, or by the brand of the card, and how it ended."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from core.money import ZERO, rounded
from orders.states import Entry, TripState
from reports.cells import Column, Kind, Value
from reports.models import BRAND_AWAITED, TripDay
from reports.pages.cards import cards_of
from reports.pages.links import Links
from reports.pages.page import Block, Page, Report, Row
from reports.periods import Period
from reports.query import Query
from reports.services.reading import freshness, now_and_before, to_sum, waiting
from reports.services.sums import summed
from stores.models import PaymentFlow, Processor

GROUPS = {"way": "way of collecting", "brand": "brand of the card"}
# Each state of a trip under one head, so that they add up to the trips.
_ENDS: list[tuple[Column, tuple[TripState, ...]]] = [
    (
        Column("paid", "Paid", Kind.COUNT, "Approved and taken in full, or paid as a debt since."),
        (TripState.PAID,),
    ),
    (
        Column("partly_paid", "Partly paid", Kind.COUNT, "Approved for less than it cost; the rest is a debt."),
        (TripState.PARTLY_PAID,),
    ),
    (Column("declined", "Declined", Kind.COUNT, "The card would not pay."), (TripState.UNPAID,)),
    (Column("expired", "Expired", Kind.COUNT, "The hold had ended before it was used."), (TripState.EXPIRED,)),
    (Column("failed", "Refused", Kind.COUNT, "Whoever was asked refused the call."), (TripState.FAILED,)),
    (Column("no_charge", "No charge", Kind.COUNT, "Nothing was to be paid."), (TripState.NO_CHARGE,)),
    (
        Column("under_way", "Under way", Kind.COUNT, "Pending: no price yet, or no answer."),
        (TripState.RECEIVED, TripState.REVIEW, TripState.PRICED, TripState.COLLECTING),
    ),
]
_MEASURES = [
    Column("trips", "Trips", Kind.COUNT),
    *(column for column, _ in _ENDS),
    Column("approved", "Approved", Kind.SHARE, "Paid or partly paid by now, of what was asked for and is decided."),
    Column("gross", "Sales", Kind.MONEY),
    Column("captured", "Taken", Kind.MONEY, "Captured, before any refund."),
    Column("unpaid", "Unpaid", Kind.MONEY, "What is neither taken nor settled otherwise, as of now."),
]
_KEYS = {
    "way": [Column("way", "Collected by"), Column("entry", "Entry")],
    "brand": [Column("brand", "Brand", help="Amazon tells it once the money is taken.")],
}
_COLUMNS_OF = {"way": ("flow", "processor", "entry"), "brand": ("brand",)}
_CARDS = {"trips", "approved", "declined", "expired", "failed", "under_way", "captured", "unpaid"}
_SUMMED = [column.key for column in _MEASURES if column.kind != Kind.SHARE]
_AMOUNTS = ("gross", "captured", "unpaid")
Lines = dict[str, list[Row]]


def columns(group: str) -> list[Column]:
    return [*_KEYS[group], *_MEASURES]


def build(query: Query) -> Report:
    now, before = _lines(query)
    wait, links = waiting(query), Links(query, "payments")
    blocks = []
    for currency in sorted(now.keys() | before.keys()):
        total = _total(query, now.get(currency, []))
        then = _total(query, before.get(currency, [])) if query.previous else None
        shown = [column for column in _MEASURES if column.key in _CARDS]
        cards = cards_of(links, shown, currency, total, then)
        rows = now.get(currency, [])
        blocks.append(Block(currency, rows, total, then, cards=cards, **wait.get(currency, {})))
    return Report(query, columns(query.group), blocks, freshness())


def _lines(query: Query) -> tuple[Lines, Lines]:
    """By currency, now and before."""
    keys = _COLUMNS_OF[query.group]
    now: defaultdict[str, list[Row]] = defaultdict(list)
    before: defaultdict[str, list[Row]] = defaultdict(list)
    for is_now, group in sorted(now_and_before(_groups, query), key=lambda each: [each[1][key] for key in keys]):
        (now if is_now else before)[group["currency"]].append(_row(query, group))
    return now, before


def _groups(query: Query) -> QuerySet[Any]:
    keys = ("currency", *_COLUMNS_OF[query.group])
    rows = to_sum(TripDay, query, *keys).values(*keys)
    groups: QuerySet[Any] = rows.annotate(**_sums())
    return groups


def _sums() -> dict[str, Any]:
    counts = {f"sum_{column.key}": Sum("trips", filter=Q(state__in=states)) for column, states in _ENDS}
    return {"sum_trips": Sum("trips"), **counts, **{f"sum_{name}": summed(name) for name in _AMOUNTS}}


def _row(query: Query, group: dict[str, Any]) -> Row:
    values: dict[str, Any]
    if query.group == "brand":
        values = {"brand": brand_in_words(group["brand"])}
    else:
        way = way_in_words(group["flow"], group["processor"])
        values = {"way": way, "entry": str(Entry(group["entry"]).label)}
    for key in _SUMMED:
        value = group[f"sum_{key}"]
        values[key] = rounded(value or ZERO, group["currency"]) if key in _AMOUNTS else value or 0
    return values | {"approved": _approved(values)}


def way_in_words(flow: str, processor: str) -> str:
    if processor in Processor.values:
        return f"own processor: {Processor(processor).label}"
    return str(PaymentFlow(flow).label) if flow in PaymentFlow.values else "nobody, or not yet"


def brand_in_words(brand: str) -> str:
    return {"": "none known", BRAND_AWAITED: "not told yet"}.get(brand, brand)


def _approved(sums: dict[str, Any]) -> Value:
    good = sums["paid"] + sums["partly_paid"]
    decided = good + sums["declined"] + sums["expired"] + sums["failed"]
    return Decimal(good) / decided if decided else None


def _total(query: Query, lines: list[Row]) -> Row:
    sums: dict[str, Any] = {key: sum(line[key] or 0 for line in lines) for key in _SUMMED}
    labels = {column.key: "" for column in _KEYS[query.group]}
    return labels | {_KEYS[query.group][0].key: "Total"} | sums | {"approved": _approved(sums)}


def _fitting(period: Period) -> str:
    return "way"


PAGE = Page(
    key="payments",
    title="Payments",
    about="Trips of these days by how their money is collected, and where they stand now: approved, declined, expired "
    "or pending.",
    groups=GROUPS,
    fitting=_fitting,
    compares=True,
    columns=columns,
    build=build,
)
