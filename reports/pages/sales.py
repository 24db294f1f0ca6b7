"""When and how the sales come about: by hour and weekday, or by store and entry."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.money import ZERO
from orders.states import Entry
from reports.cells import Column, Kind, Value
from reports.figures import Figures, divided
from reports.models import TripDay
from reports.pages.cards import cards_of
from reports.pages.links import Links
from reports.pages.page import Block, Page, Report, Row
from reports.periods import Period
from reports.query import Query
from reports.services.reading import figures, freshness, total_of, waiting
from reports.services.week_hours import Busy, WeekHour, week_hours

GROUPS = {"sales": "hour and weekday, sales", "trips": "hour and weekday, trips", "entry": "store and entry"}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FIGURES = [
    Column("trips", "Trips", Kind.COUNT),
    Column("gross", "Sales", Kind.MONEY, "What the carts cost, with their tax."),
    Column("average_basket", "Average basket", Kind.MONEY, "Sales for each trip that cost something."),
    Column("items_per_basket", "Items per basket", Kind.QUANTITY, "Pieces; what is weighed counts as one."),
    Column("dwell", "Time in the store", Kind.SECONDS, "From the trip's start to its end, on average."),
]
_SHARE = Column("share", "Of all sales", Kind.SHARE)


def columns(group: str) -> list[Column]:
    if group == "entry":
        return [Column("store", "Store"), Column("entry", "Entry"), *_FIGURES, _SHARE]
    kind = Kind.MONEY if group == "sales" else Kind.COUNT
    days = [Column(day.lower(), day, kind, is_shaded=True) for day in _WEEKDAYS]
    return [Column("hour", "Hour"), *days, Column("all_days", "All days", kind)]


def build(query: Query) -> Report:
    places = ["store", "entry"] if query.group == "entry" else []
    now, before = figures(TripDay, query, places, lambda *place: place)
    wait = waiting(query)
    busy, busy_before = week_hours(query) if query.group != "entry" else ({}, {})
    links, blocks = Links(query, "sales"), []
    for currency in sorted(now.keys() | before.keys()):
        total = total_of(now, currency)
        then = total_of(before, currency) if query.previous else None
        if query.group == "entry":
            rows = _entry_rows(query, now.get(currency, {}), total)
            sums = _entry_total(total)
            past = _entry_total(then) if then else None
        else:
            rows = _hour_rows(query, busy.get(currency, {}))
            sums = _hour_total(rows)
            past = _hour_total(_hour_rows(query, busy_before.get(currency, {}))) if then else None
        blocks.append(
            Block(
                currency,
                rows,
                sums,
                past,
                cards=cards_of(links, _FIGURES, currency, _figures(total), _figures(then) if then else None),
                deepest=_deepest(query, rows),
                **wait.get(currency, {}),
            )
        )
    return Report(query, columns(query.group), blocks, freshness())


def _figures(part: Figures) -> dict[str, Value]:
    return {column.key: getattr(part, column.key) for column in _FIGURES}


def _entry_rows(query: Query, parts: Mapping[object, Figures], total: Figures) -> list[Row]:
    return [
        {"store": store.name, "entry": str(entry.label)} | _figures(part) | {"share": divided(part.gross, total.gross)}
        for store in query.stores
        for entry in Entry
        if (part := parts.get((store.pk, entry.value)))
    ]


def _entry_total(total: Figures) -> Row:
    return {"store": "Total", "entry": ""} | _figures(total) | {"share": divided(total.gross, total.gross)}


def _hour_rows(query: Query, busy: Mapping[WeekHour, Busy]) -> list[Row]:
    """All of the 24, so that two weeks can be laid beside each other."""
    rows: list[Row] = []
    for hour in range(24):
        values = [_value(query, busy.get((weekday, hour), Busy())) for weekday in range(1, 8)]
        row: dict[str, Value] = {"hour": f"{hour:02}:00", "all_days": sum(values, ZERO)}
        row.update({name.lower(): value for name, value in zip(_WEEKDAYS, values, strict=True)})
        rows.append(row)
    return rows


def _value(query: Query, busy: Busy) -> Decimal:
    return busy.gross if query.group == "sales" else Decimal(busy.trips)


def _hour_total(rows: list[Row]) -> Row:
    keys = [name.lower() for name in _WEEKDAYS] + ["all_days"]
    return {"hour": "Total"} | {key: sum((_number(row[key]) for row in rows), ZERO) for key in keys}


def _deepest(query: Query, rows: list[Row]) -> Value:
    shaded = [column.key for column in columns(query.group) if column.is_shaded]
    return max((_number(row[key]) for row in rows for key in shaded), default=None)


def _number(value: Any) -> Decimal:
    return Decimal(value or 0)


def _fitting(period: Period) -> str:
    return "sales"


PAGE = Page(
    key="sales",
    title="Sales",
    about="Trips on the day and in the hour they came, by the clock of their store.",
    groups=GROUPS,
    fitting=_fitting,
    compares=True,
    columns=columns,
    build=build,
)
