"""When a saved report is to be sent. Pure, no database."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import IntegerChoices, TextChoices


class Schedule(TextChoices):
    NONE = "none", "by hand only"
    DAILY = "daily", "every day"
    WEEKLY = "weekly", "every week"
    MONTHLY = "monthly", "on the first of each month"


class Weekday(IntegerChoices):
    MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


_DAYS: dict[str, Callable[[date, int], bool]] = {
    Schedule.NONE: lambda day, weekday: False,
    Schedule.DAILY: lambda day, weekday: True,
    Schedule.WEEKLY: lambda day, weekday: day.weekday() == weekday,
    Schedule.MONTHLY: lambda day, weekday: day.day == 1,
}
_MOST_DAYS_APART = 32


def next_due(schedule: str, weekday: int, hour: int, zone: str, after: datetime) -> datetime | None:
    """The first moment after `after`, in UTC; None where it is never sent by itself. A weekly one has a weekday."""
    today = after.astimezone(ZoneInfo(zone)).date()
    days = (today + timedelta(days=number) for number in range(_MOST_DAYS_APART + 1))
    return next((moment for moment in _moments(schedule, weekday, hour, zone, days) if moment > after), None)


def last_due(schedule: str, weekday: int, hour: int, zone: str, until: datetime) -> datetime | None:
    """The last moment that is not after `until`."""
    today = until.astimezone(ZoneInfo(zone)).date()
    days = (today - timedelta(days=number) for number in range(_MOST_DAYS_APART + 1))
    return next((moment for moment in _moments(schedule, weekday, hour, zone, days) if moment <= until), None)


def _moments(schedule: str, weekday: int, hour: int, zone: str, days: Iterable[date]) -> Iterator[datetime]:
    """Each day has one: an hour that the clock leaves out is the next one, of one that comes twice it is the first."""
    for day in days:
        if _DAYS[schedule](day, weekday):
            yield datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)
