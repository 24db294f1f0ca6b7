"""Days put together into weeks and months, in order and without gaps. Pure, no database."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from reports.days import STARTS, days_between, midnight
from reports.periods import Period

_HOUR = timedelta(hours=1)


def buckets(period: Period, group: str) -> list[date]:
    """The first day of each; that of a week or a month may be before the period begins."""
    return list(dict.fromkeys(STARTS[group](day) for day in days_between(period.first, period.last)))


def hours_of(period: Period, zones: list[str]) -> list[datetime]:
    """When each hour began, from the first of these midnights to the last: 23 or 25 hours on a day on which the clock
    is changed."""
    moment = min(midnight(period.first, zone) for zone in zones)
    end = max(midnight(period.last + timedelta(days=1), zone) for zone in zones)
    found = []
    while moment < end:
        found.append(moment)
        moment += _HOUR
    return found


def hour_in_words(moment: datetime, zone: str) -> str:
    """`2026-11-01 01:00 EDT`; an hour later it is `01:00 EST`."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M %Z")


def month_in_words(day: date) -> str:
    """`2026-11`."""
    return f"{day:%Y-%m}"
