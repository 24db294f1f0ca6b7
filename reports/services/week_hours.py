"""Trips and sales by weekday and hour of the day, as the clocks in the stores showed them."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, IntegerField, QuerySet, Sum, When
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay

from core.money import ZERO, rounded
from reports.models import HourDay
from reports.query import Query
from reports.services.reading import now_and_before, within
from reports.services.sums import summed

# Weekday, of which Monday is 1, and hour of the day.
WeekHour = tuple[int, int]


@dataclass(slots=True)
class Busy:
    trips: int = 0
    gross: Decimal = ZERO


# By currency.
Week = dict[str, dict[WeekHour, Busy]]


def week_hours(query: Query) -> tuple[Week, Week]:
    """Now and before. An hour that a day has twice is one here. One statement."""
    now: Week = {}
    before: Week = {}
    for is_now, group in now_and_before(_groups, query) if query.stores else ():
        busy = Busy(group["sum_trips"], rounded(group["sum_gross"], group["currency"]))
        of_currency = (now if is_now else before).setdefault(group["currency"], {})
        of_currency[group["weekday"], group["oclock"]] = busy
    return now, before


def _groups(query: Query) -> QuerySet[Any]:
    rows = within(HourDay, query).values("currency", weekday=ExtractIsoWeekDay("day"), oclock=_hour_of_day(query))
    groups: QuerySet[Any] = rows.annotate(sum_trips=Sum("trips"), sum_gross=summed("gross"))
    return groups


def _hour_of_day(query: Query) -> Any:
    """Each store's own."""
    stores: defaultdict[str, list[int]] = defaultdict(list)
    for store in query.stores:
        stores[store.time_zone].append(store.pk)
    hours = [When(store__in=ids, then=ExtractHour("hour", tzinfo=ZoneInfo(zone))) for zone, ids in stores.items()]
    return Case(*hours, output_field=IntegerField())
