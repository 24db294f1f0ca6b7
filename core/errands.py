"""Work that asks somebody outside: many calls at once, few transactions, few statements.

One thread talks to the database, many talk to the outside. What is ready at the same moment shares a transaction: the
outcomes of the calls that have ended, and the intents of those that follow. What these rows write shares its statements
as well (core.writes). No transaction is open during a call. What fails together is done again one by one, so that a row
that cannot be worked on is put off and holds up no other.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore
from typing import Any, Generic, NamedTuple, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from core.work import LeaseLost, WorkRow, put_off
from core.writes import update, written_together

Row = TypeVar("Row", bound=WorkRow)
Call = Callable[[], Any]

logger = logging.getLogger(__name__)


class TooLate(Exception):
    """The call was not made: it waited so long for its turn that another worker may soon act on the row."""


class NotNow(Exception):
    """Whoever is to be asked wants no calls for a while. The row stays due."""


class Errand(Generic[Row]):
    """What is done for one kind of row. `begin` and `finish` run in a transaction, with the row locked, and change it;
    it is saved for them."""

    model: type[Row]

    def ready(self, due: QuerySet[Row]) -> QuerySet[Row]:
        """Those of the due rows that `begin` would not answer with NotNow."""
        return due

    def lock(self, leases: Mapping[int, int]) -> dict[int, Row]:
        """The rows that are still ours, by pk; here is read for all of them what `begin` and `finish` will need."""
        return self.model.all_locked(leases)

    def begin(self, row: Row) -> Call | None:
        """Write down what is about to be asked, and return what asks it. None: nobody is to be asked, and the row says
        when it is due again. Raises NotNow before it changes anything."""
        raise NotImplementedError

    @property
    def most_at_once(self) -> int:
        return int(settings.WORK_CALLS)

    def keep(self, answers: Sequence[Any]) -> None:
        """Journal them, in a commit of its own: they were heard, whatever becomes of the rows."""

    def finish(self, row: Row, answer: Any) -> bool:
        """Write down what came of it. True: the row goes on at once."""
        raise NotImplementedError


class Leased(NamedTuple):
    """A row that is ours as long as its lease lasts, and the answer to its call."""

    pk: int
    lease_count: int
    answer: Future[Any] | None = None


Begun = list[tuple[Leased, Call]]


def run_errands(errand: Errand[Row]) -> int:
    """For every due row, so many at a time. Returns how many rows were worked on."""
    done, may_be_due, are_held, most = 0, True, False, errand.most_at_once
    asking: dict[Future[Any], Leased] = {}
    ended: SimpleQueue[Future[Any]] = SimpleQueue()

    def make(calls: Begun) -> None:
        for row, call in calls:
            answer = ask(call)
            asking[answer] = row
            answer.add_done_callback(ended.put)

    while may_be_due or asking:
        room = most - len(asking)
        # Not for each call that ends: leasing walks over what was leased a moment ago.
        if may_be_due and room >= most / 2:
            found, held, calls = begin_due(errand, room)
            done += found - held
            may_be_due = found == room and found > held
            are_held = are_held or held > 0
            make(calls)
        if asking:
            make(go_on(errand, [asking.pop(answer)._replace(answer=answer) for answer in _next(ended)]))
            # What was held waits for the answer to the one call that was let through.
            may_be_due, are_held = may_be_due or are_held, False
    return done


def _next(ended: "SimpleQueue[Future[Any]]") -> Iterator[Future[Any]]:
    """The next answer, once it is there, and all that came with it."""
    yield ended.get()
    try:
        while True:
            yield ended.get_nowait()
    except Empty:
        return


def begin_due(errand: Errand[Row], room: int) -> tuple[int, int, Begun]:
    """Lease due rows and commit what is asked first, in one transaction. Returns how many rows were found, how many
    of them are left as they were by NotNow, and the calls to make."""
    try:
        with written_together():
            return _begin_due(errand, room)
    except Exception:
        with transaction.atomic():
            leases = errand.model.lease(errand.ready(errand.model.due()), room)
        alone = [_together_or_alone(errand, [Leased(pk, lease_count)]) for pk, lease_count in leases.items()]
        return len(leases), 0, [begun for calls in alone for begun in calls]


def _begin_due(errand: Errand[Row], room: int) -> tuple[int, int, Begun]:
    held, begun = 0, []
    found = errand.model.lock_some(errand.ready(errand.model.due()), room)
    for row in errand.lock(found).values() if found else ():
        before = vars(row).copy()
        row.lease_count += 1
        try:
            call = _set_out(errand, row)
        except NotNow:
            held += 1
            continue
        if call:
            begun.append((Leased(row.pk, row.lease_count), call))
        _save(row, before)
    return len(found), held, begun


def go_on(errand: Errand[Row], rows: Sequence[Leased]) -> Begun:
    """Commit what came of their calls and what is asked next. Returns the calls to make; a row whose lease is lost, or
    that could not be worked on, has none."""
    well = []
    for row in rows:
        if row.answer and isinstance(fault := row.answer.exception(), Exception):
            _put_off(errand.model, row, fault)
        else:
            well.append(row)
    _keep_together_or_alone(errand, [row.answer.result() for row in well if row.answer])
    return _together_or_alone(errand, well)


def _keep_together_or_alone(errand: Errand[Row], answers: Sequence[Any]) -> None:
    """One that cannot be journalled is logged: its row goes on, or is put off by what it cannot write down either."""
    if not answers:
        return
    try:
        errand.keep(answers)
    except Exception as error:
        if len(answers) > 1:
            for answer in answers:
                _keep_together_or_alone(errand, [answer])
        else:
            _log_unless_database_is_gone("an answer could not be journalled", error)


def _together_or_alone(errand: Errand[Row], rows: Sequence[Leased]) -> Begun:
    if not rows:
        return []
    try:
        with written_together():
            return _step(errand, rows)
    except Exception as error:
        if len(rows) > 1:
            return [begun for row in rows for begun in _together_or_alone(errand, [row])]
        _put_off(errand.model, rows[0], error)
        return []


def _step(errand: Errand[Row], rows: Sequence[Leased]) -> Begun:
    begun = []
    locked = errand.lock({row.pk: row.lease_count for row in rows})
    for leased in rows:
        if row := locked.get(leased.pk):
            before = vars(row).copy()
            if leased.answer is None or errand.finish(row, leased.answer.result()):
                try:
                    if call := _set_out(errand, row):
                        begun.append((leased, call))
                except NotNow:
                    row.due_now()
            _save(row, before)
    return begun


def _set_out(errand: Errand[Row], row: Row) -> Call | None:
    """A whole lease for each call: were it to end meanwhile, another worker would act on the row."""
    if call := errand.begin(row):
        row.next_attempt_at = Now() + timedelta(seconds=settings.WORK_LEASE_SECONDS)
    return call


def _save(row: WorkRow, before: Mapping[str, Any]) -> None:
    """What has changed of it."""
    fields = [field for field in row._meta.concrete_fields if getattr(row, field.attname) != before[field.attname]]
    if fields:
        update(row, *(field.name for field in fields))


def _put_off(model: type[WorkRow], row: Leased, error: Exception) -> None:
    try:
        put_off(model, row.pk, row.lease_count, error)
    except LeaseLost:
        logger.warning("the lease of %s %s ended before its work did", model.__name__, row.pk)
    except Exception as fault:  # such as a lock that somebody holds for long
        _log_unless_database_is_gone(f"{model.__name__} {row.pk} waits for the end of its lease", fault)


def _log_unless_database_is_gone(message: str, error: Exception) -> None:
    if not connection.is_usable():
        raise error
    logger.error(message, exc_info=error)


def ask(call: Call) -> Future[Any]:
    """Make the call, in a thread of its own where there are several: unless half of its lease has gone by then."""
    if settings.WORK_CALLS > 1:
        return _callers().submit(_in_thread, call, time.monotonic() + settings.WORK_LEASE_SECONDS / 2)
    answer: Future[Any] = Future()
    try:
        answer.set_result(call())
    except Exception as error:
        answer.set_exception(error)
    return answer


def _in_thread(call: Call, latest: float) -> Any:
    """Most calls need no database; one that did leaves no connection behind."""
    if time.monotonic() > latest:
        raise TooLate("The call was not made: its turn came too late.")
    try:
        return call()
    finally:
        connection.close()


@contextmanager
def using_the_database() -> Iterator[None]:
    """Around a call that needs it. Each has a connection of its own, and others need theirs, so there are no more than
    WORK_CONCURRENCY at once. Raises TooLate: later the lease might end during the call."""
    if not _with_database().acquire(timeout=settings.WORK_LEASE_SECONDS / 4):
        raise TooLate("The call was not made: too many others came first.")
    try:
        yield
    finally:
        _with_database().release()


@cache
def _with_database() -> BoundedSemaphore:
    return BoundedSemaphore(settings.WORK_CONCURRENCY)


@cache
def _callers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.WORK_CALLS, thread_name_prefix="call")
