"""The days of a store: from one of its midnights to the next. Pure, no database."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Span(NamedTuple):
    """From `start` to before `end`."""

    start: datetime
    end: datetime


def midnight(day: date, zone: str) -> datetime:
    """When the day begins there, in UTC."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def span_of(day: date, zone: str) -> Span:
    """23, 24 or 25 hours."""
    return Span(midnight(day, zone), midnight(day + timedelta(days=1), zone))


def day_of(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def days_between(first: date, last: date) -> list[date]:
    """Both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def week_of(day: date) -> date:
    """Its Monday."""
    return day - timedelta(days=day.weekday())


def month_of(day: date) -> date:
    return day.replace(day=1)


# When the day, week or month of a day began.
STARTS: dict[str, Callable[[date], date]] = {"day": lambda day: day, "week": week_of, "month": month_of}
