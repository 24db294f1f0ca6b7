"""Which days a report is about, and with which others they are compared. Pure, no database."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MOST_DAYS = 3 * 366
MOST_DAYS_BY_HOUR = 8
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Both days are included."""

    first: date
    last: date

    def __str__(self) -> str:
        return _words(self.first) if self.first == self.last else f"{_words(self.first)} to {_words(self.last)}"

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


class Preset(StrEnum):
    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_7 = "7-days"
    LAST_30 = "30-days"
    WEEK = "week"
    LAST_WEEK = "last-week"
    MONTH = "month"
    LAST_MONTH = "last-month"
    QUARTER = "quarter"
    SAME_DAY_LAST_WEEK = "same-day-last-week"
    OWN = "own"


PRESET_LABELS = {
    Preset.TODAY: "Today",
    Preset.YESTERDAY: "Yesterday",
    Preset.LAST_7: "Last 7 days",
    Preset.LAST_30: "Last 30 days",
    Preset.WEEK: "This week",
    Preset.LAST_WEEK: "Last week",
    Preset.MONTH: "This month",
    Preset.LAST_MONTH: "Last month",
    Preset.QUARTER: "This quarter",
    Preset.SAME_DAY_LAST_WEEK: "Same day last week",
    Preset.OWN: "Own range",
}


class Compare(StrEnum):
    BEFORE = "before"
    YEAR = "year"
    NOTHING = "nothing"


COMPARE_LABELS = {
    Compare.BEFORE: "the period before",
    Compare.YEAR: "a year ago",
    Compare.NOTHING: "nothing",
}


def period_of(preset: Preset, today: date) -> Period:
    """Weeks begin on Monday; what has begun ends today."""
    monday, first_of_month = today - timedelta(days=today.weekday()), today.replace(day=1)
    periods: dict[Preset, Callable[[], Period]] = {
        Preset.YESTERDAY: lambda: _one(today - _DAY),
        Preset.LAST_7: lambda: Period(today - timedelta(days=6), today),
        Preset.LAST_30: lambda: Period(today - timedelta(days=29), today),
        Preset.WEEK: lambda: Period(monday, today),
        Preset.LAST_WEEK: lambda: Period(monday - timedelta(days=7), monday - _DAY),
        Preset.MONTH: lambda: Period(first_of_month, today),
        Preset.LAST_MONTH: lambda: Period(_months_earlier(first_of_month, 1), first_of_month - _DAY),
        Preset.QUARTER: lambda: Period(_months_earlier(first_of_month, (today.month - 1) % 3), today),
        Preset.SAME_DAY_LAST_WEEK: lambda: _one(today - timedelta(days=7)),
    }
    return periods.get(preset, lambda: _one(today))()


def compared_with(period: Period, preset: Preset, compare: Compare) -> Period | None:
    """The week, month or quarter before up to the same day of it; else as many days, right before. None: nothing, or a
    time before there are calendars."""
    try:
        return _compared_with(period, preset, compare)
    except (OverflowError, ValueError):
        return None


def _compared_with(period: Period, preset: Preset, compare: Compare) -> Period | None:
    if compare == Compare.NOTHING:
        return None
    if compare == Compare.YEAR:
        return _earlier(period, 12)
    if preset == Preset.LAST_MONTH:
        return Period(_months_earlier(period.first, 1), period.first - _DAY)
    if preset in {Preset.MONTH, Preset.QUARTER}:
        return _earlier(period, 1 if preset == Preset.MONTH else 3)
    length = timedelta(days=7 if preset in {Preset.WEEK, Preset.SAME_DAY_LAST_WEEK} else period.days)
    return Period(period.first - length, period.last - length)


def _earlier(period: Period, months: int) -> Period:
    return Period(_months_earlier(period.first, months), _months_earlier(period.last, months))


def _months_earlier(day: date, months: int) -> date:
    """The same day of that month, or its last one where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _one(day: date) -> Period:
    return Period(day, day)


def _words(day: date) -> str:
    """`7 March 2026`."""
    return f"{day.day} {day:%B %Y}"
