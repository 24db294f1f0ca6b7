"""Counting the calls of whole days anew, where the journal still holds all of them.

A day of which the journal may have forgotten calls stays as it was counted. Which days these are, the journal itself
says, since JOURNAL_RETENTION_DAYS may have been another: those that begin before the oldest call that it holds.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q

from reports.days import day_of, days_between, span_of
from reports.models import CallDay, CallFold
from reports.services.call_rows import JOURNALS, Journal, Key, tally
from reports.services.counting_calls import add, not_while_others_count
from stores.models import Store

# A worker may forget calls while others are being counted.
_MARGIN = timedelta(hours=1)


class Calls(NamedTuple):
    """Of one day in one direction; `store` is None for those that name no store that there is."""

    journal: Journal
    store: Store | None
    day: date

    def __str__(self) -> str:
        return f"{self.store or 'no store'} {self.day} {self.journal.direction.label}"

    @property
    def rows(self) -> Q:
        return Q(direction=self.journal.direction, store=self.store, day=self.day)


class Recount(NamedTuple):
    """By what is counted: the calls that stand in the roll-up, and those that should."""

    stands: Counter[Key]
    wanted: Counter[Key]

    @property
    def differs(self) -> bool:
        return self.stands != self.wanted


def days_of_calls(stores: list[Store], first: date | None, last: date | None, *, with_none: bool) -> list[Calls]:
    """Those that can be counted anew, from `first` to `last`. `with_none`: also the calls that name no store."""
    places = [*stores, None] if with_none else stores
    found = []
    for journal in JOURNALS:
        since = whole_since(journal)
        if since is None:
            continue
        for store in places:
            zone = store.time_zone if store else "UTC"
            days = days_between(_first_whole_day(since, zone), day_of(datetime.now(UTC), zone))
            found += [Calls(journal, store, day) for day in days if (first or day) <= day <= (last or day)]
    return found


def days_that_stay(stores: list[Store], first: date | None, last: date | None, *, with_none: bool) -> int:
    """How many counted days in all, from `first` to `last`, cannot be counted anew."""
    asked = Q(store__in=stores) | Q(store=None) if with_none else Q(store__in=stores)
    asked &= Q(day__gte=first) if first else Q()
    asked &= Q(day__lte=last) if last else Q()
    can_be = {
        (each.journal.direction, each.store and each.store.pk, each.day)
        for each in days_of_calls(stores, first, last, with_none=with_none)
    }
    counted = CallDay.objects.filter(asked).order_by().values_list("direction", "store", "day").distinct()
    return len({each for each in counted if each not in can_be})


def whole_since(journal: Journal) -> datetime | None:
    """From when on the journal holds every call; None where it holds none."""
    oldest: datetime | None = journal.calls().order_by("at").values_list("at", flat=True).first()
    if oldest is None:
        return None
    return max(oldest, datetime.now(UTC) - timedelta(days=settings.JOURNAL_RETENTION_DAYS) + _MARGIN)


def recount(days: list[Calls], *, may_change: bool) -> Iterator[tuple[Calls, Recount]]:
    """Day by day, beside workers that go on counting."""
    for each in days:
        with not_while_others_count() as fold:
            found = Recount(_stands(each), _wanted(each, fold))
            if may_change and found.differs:
                CallDay.objects.filter(each.rows).delete()
                add(found.wanted)
        yield each, found


def _stands(each: Calls) -> Counter[Key]:
    rows = CallDay.objects.filter(each.rows).values_list(*Key._fields, "calls")
    return Counter({Key(*row[:-1]): row[-1] for row in rows})


def _wanted(each: Calls, fold: CallFold) -> Counter[Key]:
    """Of the calls that are counted so far: the others are about to be added."""
    span = span_of(each.day, each.store.time_zone if each.store else "UTC")
    counted = fold.inbound if each.journal is JOURNALS[0] else fold.outbound
    calls = each.journal.calls().filter(at__gte=span.start, at__lt=span.end, pk__lte=counted)
    if each.store:
        return tally(each.journal, calls.filter(store_external_id=each.store.external_id))
    return tally(each.journal, calls.exclude(store_external_id__in=Store.objects.values("external_id")))


def _first_whole_day(since: datetime, zone: str) -> date:
    day = day_of(since, zone)
    return day if span_of(day, zone).start >= since else day + timedelta(days=1)
