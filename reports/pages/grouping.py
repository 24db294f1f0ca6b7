"""What the rows of a report are: hours, days, weeks, months or stores, in order and without gaps."""

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any

from reports.cells import Column, Kind, Value
from reports.days import STARTS
from reports.pages.buckets import buckets, hour_in_words, hours_of, month_in_words
from reports.periods import Period
from reports.query import BY_HOUR, BY_STORE, Query, zone_of

GROUPS = {BY_HOUR: "hour", "day": "day", "week": "week", "month": "month", BY_STORE: "store"}
_HEADS = {BY_HOUR: "Hour", "day": "Day", "week": "Week from", "month": "Month", BY_STORE: "Store"}


def head(group: str) -> Column:
    """Days stay days, so that a spreadsheet knows them."""
    return Column("group", _HEADS[group], Kind.DAY if group in {"day", "week"} else Kind.TEXT)


def fitting(period: Period) -> str:
    return BY_HOUR if period.days == 1 else fitting_days(period)


def fitting_days(period: Period) -> str:
    """Where nothing is known by the hour."""
    if period.days <= 62:
        return "day"
    return "week" if period.days <= 366 else "month"


def place_of(query: Query) -> Callable[[dict[str, Any]], Any]:
    """In which row a roll-up's row counts, by its `store`, `day` or `hour`."""
    if query.group in {BY_STORE, BY_HOUR}:
        return lambda row: row[query.group]
    start = STARTS[query.group]
    return lambda row: start(row["day"])


def keys_of(query: Query) -> tuple[str, ...]:
    """The columns of a roll-up that `place_of` looks at."""
    return (query.group,) if query.group in {BY_STORE, BY_HOUR} else ("day",)


def places(query: Query, found: Collection[Any]) -> list[tuple[Any, Value]]:
    """All of them, with what they are called; of stores, those that were found."""
    if query.group == BY_STORE:
        return [(store.pk, store.name) for store in query.stores if store.pk in found]
    return [(place, label(query, place)) for place in places_in(query, query.period, found)]


def places_in(query: Query, period: Period, found: Collection[Any]) -> list[Any]:
    if query.group == BY_HOUR:
        return sorted({*hours_of(period, query.zones), *found})
    return list(buckets(period, query.group))


def label(query: Query, place: object) -> Value:
    if isinstance(place, datetime):
        return hour_in_words(place, zone_of(list(query.stores)))
    if isinstance(place, date):
        return month_in_words(place) if query.group == "month" else place
    return str(place)
