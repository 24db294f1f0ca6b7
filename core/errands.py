"""Work that asks somebody outside: many calls at once, few transactions.

One thread talks to the database, many talk to the outside. What is ready at the same moment shares a transaction: the
outcomes of the calls that have ended, and the intents of those that follow. No transaction is open during a call. What
fails together is done again one by one, so that a row that cannot be worked on is put off and holds up no other.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from core.work import LeaseLost, WorkRow, put_off

Row = TypeVar("Row", bound=WorkRow, contravariant=True)
AnyRow = TypeVar("AnyRow", bound=WorkRow)
Call = Callable[[], Any]

logger = logging.getLogger(__name__)


class TooLate(Exception):
    """The call was not made: it waited so long for its turn that another worker may soon act on the row."""


class Errand(Protocol[Row]):
    """What is done for one kind of row. `begin` and `finish` run in a transaction, with the row locked, and change it;
    it is saved for them."""

    def begin(self, row: Row) -> Call | None:
        """Write down what is about to be asked, and return what asks it. None: there is nothing to do."""

    def keep(self, answers: Sequence[Any]) -> None:
        """Journal them, in a commit of its own: they were heard, whatever becomes of the rows."""

    def finish(self, row: Row, answer: Any) -> bool:
        """Write down what came of it. True: the row goes on at once."""


class Leased(NamedTuple):
    """A row that is ours as long as its lease lasts, and the answer to its call."""

    pk: int
    lease_count: int
    answer: Future[Any] | None = None


def run_errands(model: type[AnyRow], errand: Errand[AnyRow]) -> int:
    """For every due row, WORK_CALLS at a time. Returns how many rows were worked on."""
    done, may_be_due = 0, True
    asking: dict[Future[Any], Leased] = {}

    def go_on_with(rows: Sequence[Leased]) -> None:
        asking.update((ask(call), row) for row, call in go_on(model, errand, rows))

    while may_be_due or asking:
        room = settings.WORK_CALLS - len(asking)
        # Not for each call that ends: leasing walks over what was leased a moment ago.
        if may_be_due and room >= settings.WORK_CALLS / 2:
            rows = model.lease_due(room)
            may_be_due = len(rows) == room
            done += len(rows)
            go_on_with([Leased(row.pk, row.lease_count) for row in rows])
        if asking:
            ended, _ = wait(asking, return_when=FIRST_COMPLETED)
            go_on_with([asking.pop(answer)._replace(answer=answer) for answer in ended])
    return done


def go_on(model: type[AnyRow], errand: Errand[AnyRow], rows: Sequence[Leased]) -> list[tuple[Leased, Call]]:
    """Commit what came of their calls and what is asked next. Returns the calls to make; a row whose lease is lost, or
    that could not be worked on, has none."""
    _keep_together_or_alone(errand, [row.answer.result() for row in rows if row.answer and not row.answer.exception()])
    return _together_or_alone(model, errand, rows)


def _keep_together_or_alone(errand: Errand[AnyRow], answers: Sequence[Any]) -> None:
    """One that cannot be journalled is logged: its row goes on, or is put off by what it cannot write down either."""
    try:
        errand.keep(answers)
    except Exception as error:
        if len(answers) > 1:
            for answer in answers:
                _keep_together_or_alone(errand, [answer])
        else:
            _log_unless_database_is_gone("an answer could not be journalled", error)


def _together_or_alone(
    model: type[AnyRow], errand: Errand[AnyRow], rows: Sequence[Leased]
) -> list[tuple[Leased, Call]]:
    try:
        with transaction.atomic():
            return _step(model, errand, rows)
    except Exception as error:
        if len(rows) > 1:
            return [begun for row in rows for begun in _together_or_alone(model, errand, [row])]
        _put_off(model, rows[0], error)
        return []


def _step(model: type[AnyRow], errand: Errand[AnyRow], rows: Sequence[Leased]) -> list[tuple[Leased, Call]]:
    begun = []
    locked = model.all_locked({row.pk: row.lease_count for row in rows})
    for leased in rows:
        if row := locked.get(leased.pk):
            if leased.answer is None or errand.finish(row, leased.answer.result()):
                if call := errand.begin(row):
                    # A whole lease for each call: were it to end meanwhile, another worker would act on the row.
                    row.next_attempt_at = Now() + timedelta(seconds=settings.WORK_LEASE_SECONDS)
                    begun.append((leased, call))
                else:
                    row.rest()
            row.save()
    return begun


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


@cache
def _callers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.WORK_CALLS, thread_name_prefix="call")
