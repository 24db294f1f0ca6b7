"""How Amazon's calls and ours went lately, as the journal tells. Bounded: the newest calls of the last hour."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from urllib.parse import urlsplit

from django.db.models import QuerySet

from amazon.models import InboundCall, OutboundCall

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MOST_READ = 2000


@dataclass(frozen=True, slots=True)
class Traffic:
    """Calls of one endpoint of ours, or to one host. `refused`: 4xx. `failed`: 5xx, or no answer."""

    name: str
    calls: int
    refused: int
    failed: int
    p95_ms: int
    last_at: datetime
    last_success_at: datetime | None

    @property
    def is_failing(self) -> bool:
        """The last call was no success, and it is not the first that was none."""
        return self.failed > 1 and self.last_success_at != self.last_at


@dataclass(frozen=True, slots=True)
class LastHour:
    """`parts` by name; `since` is later than an hour ago where more calls came than are read. `last_at`: of the last
    day."""

    parts: list[Traffic]
    since: datetime
    is_cut: bool
    last_at: datetime | None

    @property
    def calls(self) -> int:
        return sum(part.calls for part in self.parts)

    @property
    def refused(self) -> int:
        return sum(part.refused for part in self.parts)

    @property
    def failed(self) -> int:
        return sum(part.failed for part in self.parts)


_Call = tuple[str, datetime, int | None, int]


def calls_from_amazon(calls: QuerySet[InboundCall], now: datetime | None = None) -> LastHour:
    """Of these calls; what staff sent again does not count."""
    newest = calls.filter(is_replay=False).order_by("-at", "-id")
    return _last_hour(newest, "endpoint", now or datetime.now(UTC))


def calls_to_amazon(calls: QuerySet[OutboundCall], now: datetime | None = None) -> LastHour:
    return _last_hour(calls.order_by("-at"), "url", now or datetime.now(UTC))


def _last_hour(newest: QuerySet[InboundCall] | QuerySet[OutboundCall], name: str, now: datetime) -> LastHour:
    """Reads a day, so that it also says when the last call was."""
    rows = newest.filter(at__gt=now - DAY).values_list(name, "at", "status", "duration_ms")
    read: list[_Call] = list(rows[:MOST_READ])
    recent = [call for call in read if call[1] > now - HOUR]
    is_cut = len(recent) == MOST_READ
    since = recent[-1][1] if is_cut else now - HOUR
    return LastHour(_by_name(recent), since, is_cut, read[0][1] if read else None)


def _by_name(calls: Iterable[_Call]) -> list[Traffic]:
    """Newest first, within each name as well."""
    by_name: dict[str, list[_Call]] = {}
    for call in calls:
        by_name.setdefault(urlsplit(call[0]).netloc or call[0], []).append(call)
    return [_traffic(name, part) for name, part in sorted(by_name.items())]


def _traffic(name: str, calls: list[_Call]) -> Traffic:
    statuses = [status for _, _, status, _ in calls]
    durations = sorted(duration for _, _, _, duration in calls)
    return Traffic(
        name=name,
        calls=len(calls),
        refused=sum(1 for status in statuses if status is not None and 400 <= status < 500),
        failed=sum(1 for status in statuses if status is None or status >= 500),
        p95_ms=durations[ceil(0.95 * len(durations)) - 1],
        last_at=calls[0][1],
        last_success_at=next((at for _, at, status, _ in calls if status is not None and status < 400), None),
    )
