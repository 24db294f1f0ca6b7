"""Calls of the journal, counted: by store, day, direction, what was called, how it ended and how long it took."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from amazon.models import InboundCall, OutboundCall
from reports.histograms import bucket_of
from reports.models import Direction, Outcome
from stores.models import Store

_BATCH = 5_000


class Key(NamedTuple):
    """`store` is None for a call that names none that there is: its day is UTC's."""

    store: int | None
    day: date
    direction: str
    name: str
    outcome: str
    bucket: int


@dataclass(frozen=True, slots=True)
class Journal:
    """One direction: `calls` are those that count, `name` is the column that says what was called."""

    direction: Direction
    calls: Callable[[], QuerySet[Any]]
    name: str


# What staff sent again is no call of Amazon's.
JOURNALS = (
    Journal(Direction.IN, lambda: InboundCall.objects.filter(is_replay=False).order_by(), "endpoint"),
    Journal(Direction.OUT, lambda: OutboundCall.objects.order_by(), "operation"),
)


def tally(journal: Journal, calls: QuerySet[Any]) -> Counter[Key]:
    """However many calls: a batch of them is in memory at a time, without their bodies."""
    stores = {
        external_id: (pk, ZoneInfo(zone))
        for pk, external_id, zone in Store.objects.values_list("pk", "external_id", "time_zone")
    }
    found: Counter[Key] = Counter()
    columns = ("store_external_id", journal.name, "status", "duration_ms", "at")
    for external_id, name, status, duration, at in calls.values_list(*columns).iterator(_BATCH):
        store, zone = stores.get(external_id, (None, UTC))
        found[Key(store, _day(at, zone), journal.direction, name, _outcome(status), bucket_of(duration))] += 1
    return found


def _day(at: datetime, zone: Any) -> date:
    return at.astimezone(zone).date()


def _outcome(status: int | None) -> Outcome:
    if status is not None and 200 <= status < 300:
        return Outcome.DONE
    return Outcome.REFUSED if status is not None and 400 <= status < 500 else Outcome.FAILED
