"""Trips and sales by weekday and hour of the day, as the clocks in the stores showed them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import ExtractIsoWeekDay

from core.money import ZERO, rounded
from reports.models import HourDay
from reports.query import Query
from reports.services.reading import now_and_before, to_sum
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
    for is_now, group in now_and_before(_groups, query):
        busy = Busy(group["sum_trips"], rounded(group["sum_gross"], group["currency"]))
        of_currency = (now if is_now else before).setdefault(group["currency"], {})
        of_currency[group["weekday"], group["oclock"]] = busy
    return now, before


def _groups(query: Query) -> QuerySet[Any]:
    hours = to_sum(HourDay, query, "currency", "day", "oclock")
    rows = hours.values("currency", "oclock", weekday=ExtractIsoWeekDay("day"))
    groups: QuerySet[Any] = rows.annotate(sum_trips=Sum("trips"), sum_gross=summed("gross"))
    return groups
