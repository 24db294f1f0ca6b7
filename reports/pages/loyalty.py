"""Members beside other shoppers: how often they come, what they buy, and the points they have for it."""

from collections import Counter
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, BooleanField, IntegerField, QuerySet, Sum, Value

from core.money import ZERO, rounded
from reports.cells import Column, Kind
from reports.cells import Value as CellValue
from reports.days import STARTS
from reports.figures import divided
from reports.models import PointsDay, TripDay
from reports.pages.grouping import GROUPS, fitting_days, head, keys_of, place_of, places
from reports.pages.page import Block, Page, Report, Row
from reports.query import BY_HOUR, BY_STORE, Query
from reports.services.active_members import TOTAL, active_members, new_members
from reports.services.reading import freshness, to_sum
from reports.services.sums import AMOUNT, summed

_COUNT, _MONEY, _SHARE = Kind.COUNT, Kind.MONEY, Kind.SHARE
COLUMNS = [
    Column("trips", "Trips", _COUNT, "Trips that came, of members and others."),
    Column("member_trips", "Members' trips", _COUNT),
    Column("member_share", "Members", _SHARE, "Their trips, of the trips."),
    Column("active", "Active members", _COUNT, "Members who came; who came often counts once, also in the total."),
    Column("new", "New members", _COUNT, "Of all stores, since a member belongs to none; the same in each currency."),
    Column("sales", "Sales", _MONEY, "What all carts cost, with their tax."),
    Column("member_sales", "Members' sales", _MONEY),
    Column("member_sales_share", "Of the sales", _SHARE, "Members' sales, of the sales."),
    Column("member_basket", "Members' basket", _MONEY, "Their sales for each of their trips that cost something."),
    Column("other_basket", "Others' basket", _MONEY, "The same of all other shoppers."),
    Column("points_earned", "Points earned", _COUNT, "By trips, on the day they came."),
    Column("points_taken_back", "Points taken back", _COUNT, "By refunds, on the day they were done."),
]


@dataclass(slots=True)
class _Sums:
    trips: int = 0
    member_trips: int = 0
    baskets: int = 0
    member_baskets: int = 0
    sales: Decimal = ZERO
    member_sales: Decimal = ZERO
    earned: int = 0
    taken_back: int = 0

    def add(self, other: "_Sums") -> None:
        """Of the same currency."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


@dataclass(frozen=True, slots=True)
class _Members:
    """Who cannot be added up: by currency and row, and for all stores by day."""

    active: dict[str, dict[str, int]]
    new: Counter[date]


def columns(group: str) -> list[Column]:
    return [head(group), *COLUMNS]


def build(query: Query) -> Report:
    found: dict[str, dict[Any, _Sums]] = {}
    place, (key,) = place_of(query), keys_of(query)
    for where, currency, *values in _rows(query, key):
        sums = found.setdefault(currency, {}).setdefault(place({key: where}), _Sums())
        sums.add(_part(*values))
    members = _Members(active_members(query), new_members(query))
    blocks = [_block(query, currency, found[currency], members) for currency in sorted(found)]
    return Report(query, columns(query.group), blocks, freshness())


def _rows(query: Query, key: str) -> QuerySet[Any]:
    """Trips by members and others, and points, by day or by store. One statement."""
    keys = (key, "currency")
    counted = {"trips_": Sum("trips"), "baskets_": Sum("baskets"), "sales": summed("gross")}
    no_points = {name: Value(0, BigIntegerField()) for name in ("earned_", "taken_back_")}
    trips = to_sum(TripDay, query, *keys, "is_member").values_list(*keys, "is_member").annotate(**counted, **no_points)
    no_trips = {
        "trips_": Value(0, IntegerField()),
        "baskets_": Value(0, IntegerField()),
        "sales": Value(ZERO, AMOUNT),
    }
    points = to_sum(PointsDay, query, *keys).values_list(*keys, Value(True, BooleanField()))
    counted_points = points.annotate(**no_trips, earned_=Sum("earned"), taken_back_=Sum("taken_back"))
    union: QuerySet[Any] = trips.union(counted_points, all=True)
    return union


def _part(is_member: bool, trips: int, baskets: int, sales: Any, earned: int, taken_back: int) -> _Sums:
    return _Sums(
        trips=trips,
        member_trips=trips if is_member else 0,
        baskets=baskets,
        member_baskets=baskets if is_member else 0,
        sales=sales,
        member_sales=sales if is_member else ZERO,
        earned=earned,
        taken_back=taken_back,
    )


def _block(query: Query, currency: str, found: dict[Any, _Sums], members: _Members) -> Block:
    total = _Sums()
    for sums in found.values():
        total.add(sums)
    active = members.active.get(currency, {})
    rows = [
        _row(currency, label, found.get(place, _Sums()), active.get(str(place), 0), _new(query, place, members))
        for place, label in places(query, found)
    ]
    return Block(currency, rows, _row(currency, "Total", total, active.get(TOTAL, 0), members.new.total()))


def _new(query: Query, place: Any, members: _Members) -> int | None:
    if query.group == BY_STORE:
        return None
    start = STARTS[query.group]
    return sum(number for day, number in members.new.items() if start(day) == place)


def _row(currency: str, label: CellValue, sums: _Sums, active: int, new: int | None) -> Row:
    other_baskets, other_sales = sums.baskets - sums.member_baskets, sums.sales - sums.member_sales
    return {
        "group": label,
        "trips": sums.trips,
        "member_trips": sums.member_trips,
        "member_share": divided(sums.member_trips, sums.trips),
        "active": active,
        "new": new,
        "sales": rounded(sums.sales, currency),
        "member_sales": rounded(sums.member_sales, currency),
        "member_sales_share": divided(sums.member_sales, sums.sales),
        "member_basket": _each(sums.member_sales, sums.member_baskets, currency),
        "other_basket": _each(other_sales, other_baskets, currency),
        "points_earned": sums.earned,
        "points_taken_back": sums.taken_back,
    }


def _each(amount: Decimal, number: int, currency: str) -> Decimal | None:
    return rounded(amount / number, currency) if number else None


PAGE = Page(
    key="loyalty",
    title="Loyalty",
    about="Trips count on the day they came, points that a refund took back on the day of the refund.",
    groups={key: name for key, name in GROUPS.items() if key != BY_HOUR},
    fitting=fitting_days,
    compares=False,
    columns=columns,
    build=build,
)
