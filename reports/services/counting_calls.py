"""Counting the journal's calls, each once: by their ids, up to where no smaller one can still be committed.

Nothing of this is in the way of Amazon's calls, and no call is read twice: what it costs does not depend on how many of
the day were counted before.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from amazon.models import InboundCall, OutboundCall
from core.work import drain
from reports.models import CallDay, CallFold
from reports.services.call_rows import JOURNALS, Key, tally
from reports.services.horizon import horizon

SECONDS_BETWEEN = 2.0
# So many in one transaction; what is left is due at once.
MOST_AT_ONCE = 20_000

_COUNTED = ("inbound", "outbound")
_TABLE = CallDay._meta.db_table
_ADD = f"""
    INSERT INTO {_TABLE} (store_id, day, direction, name, outcome, bucket, calls) VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT {{same}} DO UPDATE SET calls = {_TABLE}.calls + EXCLUDED.calls
"""  # noqa: S608
_ADD_AT_STORE = _ADD.format(same="(day, store_id, direction, name, outcome, bucket)")
_ADD_WITHOUT_STORE = _ADD.format(same="(day, direction, name, outcome, bucket) WHERE store_id IS NULL")


def count_new_calls() -> int:
    """If it is due and nobody else does it. Returns how often it was done."""
    ensure_call_fold()
    return drain(CallFold, count)


def ensure_call_fold() -> None:
    if not CallFold.objects.exists():
        CallFold.objects.get_or_create(pk=1, defaults={"next_attempt_at": Now()})


def count(row: CallFold) -> None:
    """Raises LeaseLost."""
    may_count = row.looked_at is not None and horizon() > row.looked_at
    with transaction.atomic():
        locked = CallFold.locked(row.pk, lease_count=row.lease_count)
        locked.wait(SECONDS_BETWEEN)
        if may_count and _count_some(locked):
            locked.due_now()
        elif may_count or locked.looked_at is None:
            _look(locked)
        locked.save()


def _count_some(fold: CallFold) -> bool:
    """Up to MOST_AT_ONCE in each direction. Returns whether some are left of those that were there at the last look."""
    for name, journal in zip(_COUNTED, JOURNALS, strict=True):
        since, newest = getattr(fold, name), getattr(fold, f"newest_{name}")
        calls = journal.calls().filter(pk__gt=since, pk__lte=newest)
        last = _last_of_next(calls) or newest
        add(tally(journal, calls.filter(pk__lte=last)))
        setattr(fold, name, max(since, last))
    return any(getattr(fold, name) < getattr(fold, f"newest_{name}") for name in _COUNTED)


def _last_of_next(calls: QuerySet[Any]) -> int | None:
    """None where no more than MOST_AT_ONCE are left."""
    return calls.order_by("pk").values_list("pk", flat=True)[MOST_AT_ONCE - 1 : MOST_AT_ONCE].first()


def _look(fold: CallFold) -> None:
    """The time is noted after the ids: whoever begins later gets a greater one."""
    fold.at = fold.looked_at
    for name, model in zip(_COUNTED, (InboundCall, OutboundCall), strict=True):
        newest: Any = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
        setattr(fold, f"newest_{name}", max(newest or 0, getattr(fold, name)))
    fold.looked_at = Now()  # of the statement that saves it


def add(sums: Counter[Key]) -> None:
    """Call it while nobody else counts."""
    at_stores = [(*key, number) for key, number in sums.items() if key.store is not None]
    without = [(*key, number) for key, number in sums.items() if key.store is None]
    with connection.cursor() as cursor:
        for statement, rows in ((_ADD_AT_STORE, at_stores), (_ADD_WITHOUT_STORE, without)):
            if rows:
                cursor.executemany(statement, [_plain(row) for row in rows])


def _plain(row: tuple[Any, ...]) -> list[Any]:
    return [row[0], connection.ops.adapt_datefield_value(row[1]), *map(_as_text, row[2:])]


def _as_text(value: Any) -> Any:
    """A choice is a text to every database driver."""
    return str(value) if isinstance(value, str) else value


@contextmanager
def not_while_others_count() -> Iterator[CallFold]:
    """A transaction during which no worker counts calls, with what is counted so far. Keep it short."""
    ensure_call_fold()
    with transaction.atomic():
        yield CallFold.locked(1)
