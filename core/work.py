"""Rows are the queue: work that must happen is a row with a time at which it is due.

A worker leases due rows: it moves their time ahead, so that no other worker takes them until the lease ends, and counts
the lease. The count is the fence: whoever comes back with an outcome after its lease has ended finds another count
and must drop what it knows. Times are the database's, since the clocks of two hosts never agree.
"""

import logging
import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from typing import ClassVar, Self, TypeVar

from django.conf import settings
from django.db import close_old_connections, models, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Somebody else has the row by now; the outcome must not be written."""


class WorkRow(models.Model):
    """A row that is also a piece of work."""

    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, blank=True, editable=False)
    lease_count = models.PositiveIntegerField(_("lease count"), default=0, editable=False)
    failed_attempts = models.PositiveIntegerField(_("failed attempts"), default=0, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)

    # The rows of other models that everybody locks before a row of this one.
    LOCKED_FIRST: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True

    @classmethod
    def lease_due(cls, limit: int) -> list[Self]:
        """Take up to `limit` due rows, oldest first. Each is ours until WORK_LEASE_SECONDS have passed."""
        with transaction.atomic():
            leases = cls.lease(cls.due(), limit)
            return list(cls._default_manager.filter(pk__in=leases).order_by("pk")) if leases else []

    @classmethod
    def due(cls) -> QuerySet[Self]:
        """Oldest first."""
        return cls._default_manager.filter(next_attempt_at__lte=Now()).order_by("next_attempt_at")

    @classmethod
    def lease(cls, due: QuerySet[Self], limit: int) -> dict[int, int]:
        """Take up to `limit` of these, in a transaction: their lease counts by pk."""
        leases = {pk: lease_count + 1 for pk, lease_count in cls.lock_some(due, limit).items()}
        if leases:
            until = Now() + timedelta(seconds=settings.WORK_LEASE_SECONDS)
            rows = cls._default_manager.filter(pk__in=leases)
            rows.update(next_attempt_at=until, lease_count=F("lease_count") + 1)
        return leases

    @classmethod
    def lock_some(cls, rows: QuerySet[Self], limit: int) -> dict[int, int]:
        """Lock up to `limit` of them, with what comes first, that nobody else has locked: their lease counts by pk.

        Waits for nobody: to hold a row and wait for what is locked before it is how deadlocks come about.
        """
        first = cls.LOCKED_FIRST
        free = rows.select_for_update(skip_locked=True, of=("self", *first))
        if first:
            free = free.select_related(*first)
        found = free.only("lease_count", *(f"{name}__id" for name in first))
        return {row.pk: row.lease_count for row in found[:limit]}

    @classmethod
    def locked(cls, pk: int, *, lease_count: int | None = None) -> Self:
        """The row as it is now, locked until the transaction ends; LeaseLost if the lease is no longer ours."""
        row = cls.for_update().get(pk=pk)
        if lease_count is not None and row.lease_count != lease_count:
            raise LeaseLost(f"{cls.__name__} {pk}")
        return row

    @classmethod
    def all_locked(cls, leases: Mapping[int, int], *related: str) -> dict[int, Self]:
        """By pk, the rows as they are now, locked until the transaction ends; without those whose lease is lost.
        What is `related` is read with them."""
        found = cls.for_update().filter(pk__in=leases)
        rows = {row.pk: row for row in (found.select_related(*related) if related else found)}
        ours = {pk: row for pk, row in rows.items() if row.lease_count == leases[pk]}
        if len(ours) < len(leases):
            lost = sorted(leases.keys() - ours.keys())
            logger.warning("the leases of %s %s ended before their work did", cls.__name__, lost)
        return ours

    @classmethod
    def for_update(cls) -> QuerySet[Self]:
        """What is read and locked with a row, and of several which first: the row alone, by its pk, unless a subclass
        says otherwise."""
        return cls._default_manager.select_for_update(of=("self",)).order_by("pk")

    def due_now(self) -> None:
        self.next_attempt_at = Now()

    def rest(self) -> None:
        """Nothing more to do."""
        self.next_attempt_at = None
        self.failed_attempts = 0
        self.last_error = ""

    def wait(self, seconds: float) -> None:
        """Due again after `seconds`, without counting a failure."""
        self._due_in(seconds)
        self.failed_attempts = 0
        self.last_error = ""

    def retry(self, error: str, *, after: float | None = None) -> None:
        """Due again after `after` seconds, or after a jittered, capped back-off; the error is kept for staff."""
        self.failed_attempts += 1
        self.last_error = error
        self._due_in(backoff(self.failed_attempts) if after is None else after)

    def retry_after_fault(self, error: str) -> None:
        """Its handler raised something unforeseen, at a point that nobody knows: try again later."""
        self.retry(error)

    def _due_in(self, seconds: float) -> None:
        self.next_attempt_at = Now() + timedelta(seconds=seconds)


Row = TypeVar("Row", bound=WorkRow)


def due_index(name: str) -> models.Index:
    """The index that a work table needs: only the rows that are due some time stand in it."""
    return models.Index(fields=["next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name=name)


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures in a row: doubling, capped, and jittered by a quarter either way."""
    most: float = settings.WORK_RETRY_MOST_SECONDS
    seconds: float = settings.WORK_RETRY_FIRST_SECONDS * 2 ** min(failures - 1, 20)
    return min(seconds, most) * random.uniform(0.75, 1.25)  # noqa: S311


def drain(model: type[Row], handle: Callable[[Row], None]) -> int:
    """Work on due rows, WORK_CONCURRENCY at a time, until none is due. Returns how many were worked on.

    A row whose handler raises is put off with back-off and never holds up the rows behind it.
    """
    done = 0
    while rows := model.lease_due(settings.WORK_BATCH_SIZE):
        if settings.WORK_CONCURRENCY == 1:
            for row in rows:
                _guarded(handle, row)
        else:
            list(_threads().map(lambda row: _in_thread(handle, row), rows))
        done += len(rows)
    return done


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.WORK_CONCURRENCY, thread_name_prefix="work")


def _in_thread(handle: Callable[[Row], None], row: Row) -> None:
    close_old_connections()
    _guarded(handle, row)


def _guarded(handle: Callable[[Row], None], row: Row) -> None:
    try:
        _handle_or_put_off(handle, row)
    except LeaseLost:
        logger.warning("the lease of %s %s ended before its work did", type(row).__name__, row.pk)


def _handle_or_put_off(handle: Callable[[Row], None], row: Row) -> None:
    try:
        handle(row)
    except LeaseLost:
        raise
    except Exception as error:
        put_off(type(row), row.pk, row.lease_count, error)


def put_off(model: type[WorkRow], pk: int, lease_count: int, error: Exception) -> None:
    """Its handler raised something unforeseen. Raises LeaseLost."""
    logger.error("%s %s could not be worked on", model.__name__, pk, exc_info=error)
    with transaction.atomic():
        row = model.locked(pk, lease_count=lease_count)
        if row.next_attempt_at is None:
            return  # its outcome was committed, only the word of that was lost
        row.retry_after_fault(f"{type(error).__name__}: {error}")
        row.save(update_fields=["next_attempt_at", "failed_attempts", "last_error"])
