"""Keeping the roll-ups up to date: a few seconds after something has happened, its day is computed anew.

Nothing of this is in the way of whoever takes carts or money: no statement of theirs writes for it. One worker folds at
a time, by the lease of the single row of Fold, and each day of some stores is a transaction that holds this row.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from core.work import drain
from reports.models import DirtyDay, Fold
from reports.services.changes import changed_since, mark_changed_stores, mark_dirty
from reports.services.horizon import horizon
from reports.services.rollups import fold_days
from reports.services.same_day import StoreAndDay, same_days
from stores.models import Store

SECONDS_BETWEEN = 2.0
# So many of the days that were marked, before what has happened meanwhile is looked at again.
MOST_DIRTY = 100
# More changed days than that, after a time without workers: they are marked instead, so that what is done is not begun
# again when a worker ends.
MOST_CHANGED = 1_000


def fold_what_has_changed() -> int:
    """If it is due and nobody else does it. Returns how often it was done."""
    ensure_fold()
    return drain(Fold, fold)


def ensure_fold() -> None:
    """From now on events are followed. What was before is found by the stores that were never folded."""
    if not Fold.objects.exists():
        Fold.objects.get_or_create(pk=1, defaults={"at": horizon(), "next_attempt_at": Now()})


def fold(row: Fold) -> None:
    """Raises LeaseLost."""
    up_to = horizon()
    mark_changed_stores()
    stores = Store.objects.in_bulk()
    zones = {pk: store.time_zone for pk, store in stores.items()}
    changed = changed_since(row.at, zones)
    are_many = len(changed) > MOST_CHANGED
    _fold_days(row, stores, () if are_many else changed)
    dirty = list(DirtyDay.objects.order_by("-day", "pk")[:MOST_DIRTY])
    _fold_days(row, stores, {(mark.store_id, mark.day) for mark in dirty})
    with transaction.atomic():
        locked = Fold.locked(row.pk, lease_count=row.lease_count)
        DirtyDay.objects.filter(pk__in=[mark.pk for mark in dirty]).delete()
        if are_many:
            mark_dirty(changed - set(DirtyDay.objects.values_list("store", "day")))
        locked.at = up_to
        locked.wait(SECONDS_BETWEEN)
        if are_many or len(dirty) == MOST_DIRTY:
            locked.due_now()
        locked.save()


def _fold_days(row: Fold, stores: Mapping[int, Store], days: Iterable[StoreAndDay]) -> None:
    for same in same_days(days, stores):
        with transaction.atomic():
            locked = Fold.locked(row.pk, lease_count=row.lease_count)
            locked.wait(settings.WORK_LEASE_SECONDS)  # many days together may take longer than one lease
            locked.save()
            fold_days(same)


@contextmanager
def not_while_others_fold() -> Iterator[None]:
    """A transaction during which no worker folds a day. Keep it short."""
    with transaction.atomic():
        Fold.locked(1)
        yield
