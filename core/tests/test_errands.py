"""Work that asks somebody outside: what shares a transaction, and what becomes of a row that fails."""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from core import errands
from core.errands import Errand, Leased, NotNow, TooLate, ask, go_on, run_errands
from core.work import WorkRow

Chores = type[Any]
Add = Callable[..., WorkRow]


@pytest.fixture
def add(chore_model: Chores) -> Add:
    def insert(name: str) -> WorkRow:
        row: WorkRow = chore_model.objects.create(name=name, next_attempt_at=Now() - timedelta(seconds=1))
        return row

    return insert


class Asking(Errand[Any]):
    """An errand of so many calls. What is asked is the row's name, and so is what is answered."""

    def __init__(self, model: Chores, calls: int = 1, *, call: Callable[[str], Any] = str) -> None:
        self.model = model
        self.calls_left: dict[int, int] = {}
        self.kept: list[Any] = []
        self.answers: list[Any] = []
        self._calls = calls
        self._call = call

    def begin(self, row: Any) -> Callable[[], Any] | None:
        if self.calls_left.setdefault(row.pk, self._calls):
            return lambda: self._call(row.name)
        row.rest()
        return None

    def keep(self, answers: Sequence[Any]) -> None:
        assert not connection.in_atomic_block
        self.kept += answers

    def finish(self, row: Any, answer: Any) -> bool:
        assert connection.in_atomic_block
        self.answers.append(answer)
        self.calls_left[row.pk] -= 1
        if not self.calls_left[row.pk]:
            row.rest()
        return bool(self.calls_left[row.pk])


def test_each_due_row_goes_through_its_calls_and_comes_to_rest(chore_model: Chores, add: Add) -> None:
    for name in "abc":
        add(name)
    errand = Asking(chore_model, calls=2)

    assert run_errands(errand) == 3

    assert sorted(errand.answers) == ["a", "a", "b", "b", "c", "c"]
    assert not chore_model.objects.filter(next_attempt_at__isnull=False).exists()


def test_no_transaction_is_open_during_a_call(chore_model: Chores, add: Add) -> None:
    add("a")
    errand = Asking(chore_model, call=lambda name: connection.in_atomic_block)

    run_errands(errand)

    assert errand.answers == [False]


def test_a_row_that_needs_nothing_comes_to_rest(chore_model: Chores, add: Add) -> None:
    row = add("a")

    run_errands(Asking(chore_model, calls=0))

    row.refresh_from_db()
    assert row.next_attempt_at is None


def test_a_row_has_a_whole_lease_while_it_is_asked_for(chore_model: Chores, add: Add, settings: Any) -> None:
    settings.WORK_LEASE_SECONDS = 100
    row = add("a")

    [(_, call)] = go_on(Asking(chore_model), [Leased(row.pk, 0)])

    row.refresh_from_db()
    assert row.next_attempt_at is not None
    assert 90 < (row.next_attempt_at - datetime.now(UTC)).total_seconds() <= 100
    assert call() == "a"


def test_what_is_ready_together_shares_a_transaction(chore_model: Chores, add: Add) -> None:
    rows = [Leased(add(name).pk, 0) for name in "abcd"]

    with CaptureQueriesContext(connection) as alone:
        go_on(Asking(chore_model), rows[:1])
    with CaptureQueriesContext(connection) as together:
        go_on(Asking(chore_model), rows[1:])

    assert len(together) == len(alone)


@pytest.mark.parametrize("fails", ["begin", "call", "finish"])
def test_a_row_that_fails_is_put_off_and_holds_up_no_other(
    chore_model: Chores,
    add: Add,
    fails: str,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.WORK_RETRY_FIRST_SECONDS = 60
    poison = add("poison")
    for name in "abc":
        add(name)
    errand = Asking(chore_model, call=lambda name: refuse(name) if fails == "call" else name)
    if fails != "call":
        original = getattr(errand, fails)
        monkeypatch.setattr(errand, fails, lambda row, *answer: refuse(row.name) and original(row, *answer))

    with caplog.at_level(logging.ERROR, logger="core.work"):
        assert run_errands(errand) == 4

    poison.refresh_from_db()
    assert (poison.failed_attempts, poison.last_error) == (1, "ZeroDivisionError: poison")
    assert poison.next_attempt_at is not None
    assert sorted(errand.kept) == (["a", "b", "c", "poison"] if fails == "finish" else ["a", "b", "c"])
    assert chore_model.objects.filter(next_attempt_at=None).count() == 3
    assert "could not be worked on" in caplog.text


def test_an_answer_that_cannot_be_journalled_is_logged_and_holds_up_no_other(
    chore_model: Chores, add: Add, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [Leased(add(name).pk, 0) for name in ("a", "poison", "b")]
    errand = Asking(chore_model)
    keep = errand.keep
    monkeypatch.setattr(errand, "keep", lambda answers: [refuse(answer) for answer in answers] and keep(answers))
    asked = [row._replace(answer=ask(call)) for row, call in go_on(errand, rows)]

    go_on(errand, asked)

    assert sorted(errand.kept) == ["a", "b"]
    assert not chore_model.objects.filter(next_attempt_at__isnull=False).exists()
    assert "could not be journalled" in caplog.text


def test_a_row_that_cannot_even_be_put_off_waits_for_the_end_of_its_lease_and_holds_up_no_other(
    chore_model: Chores, add: Add, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody holds its lock for longer than lock_timeout: that is refused twice."""
    poison = add("poison")
    for name in "abc":
        add(name)
    errand = Asking(chore_model)
    begin = errand.begin
    monkeypatch.setattr(errand, "begin", lambda row: refuse(row.name) and begin(row))
    monkeypatch.setattr(errands, "put_off", lambda *which: refuse("poison"))

    assert run_errands(errand) == 4

    poison.refresh_from_db()
    assert (poison.failed_attempts, poison.lease_count) == (0, 1)
    assert sorted(errand.answers) == ["a", "b", "c"]
    assert "waits for the end of its lease" in caplog.text


class Paused(Asking):
    """Nobody may be asked about `held`; what `ready` knows of that is another matter."""

    held: tuple[str, ...] = ("held",)
    filters = True

    def ready(self, due: QuerySet[Any]) -> QuerySet[Any]:
        return due.exclude(name__in=self.held) if self.filters else due

    def begin(self, row: Any) -> Callable[[], Any] | None:
        if row.name in self.held:
            raise NotNow
        return super().begin(row)


@pytest.mark.parametrize("filters", [True, False])
def test_a_row_that_must_wait_stays_due_as_it_was(chore_model: Chores, add: Add, filters: bool) -> None:
    row = add("held")
    row.refresh_from_db()
    errand = Paused(chore_model)
    errand.filters = filters

    assert run_errands(errand) == 0

    since = row.next_attempt_at
    row.refresh_from_db()
    assert (row.next_attempt_at, row.lease_count, row.failed_attempts) == (since, 0, 0)


def test_a_row_that_must_wait_holds_up_no_other(chore_model: Chores, add: Add) -> None:
    add("held")
    add("a")
    errand = Paused(chore_model)

    assert run_errands(errand) == 1
    assert errand.answers == ["a"]


def test_what_waits_for_another_ones_answer_goes_on_after_it(chore_model: Chores, add: Add, settings: Any) -> None:
    settings.WORK_CALLS = 4
    errands._callers.cache_clear()
    for name in ("first", "held", "held"):
        add(name)
    errand = Paused(chore_model, call=lambda name: setattr(errand, "held", ()) or name)
    errand.filters = False

    assert run_errands(errand) == 3
    assert errand.answers[0] == "first"


def test_between_two_calls_a_row_that_must_wait_keeps_what_is_known_and_is_due(chore_model: Chores, add: Add) -> None:
    row = add("a")
    errand = Paused(chore_model, calls=2, call=lambda name: setattr(errand, "held", ("a",)) or name)

    assert run_errands(errand) == 1

    row.refresh_from_db()
    assert errand.calls_left == {row.pk: 1}
    assert (row.lease_count, row.failed_attempts) == (1, 0)
    assert row in chore_model.due()


def refuse(name: str) -> str:
    if name == "poison":
        raise ZeroDivisionError(name)
    return name


def test_an_outcome_after_the_lease_has_ended_is_dropped(chore_model: Chores, add: Add) -> None:
    row = add("a")
    errand = Asking(chore_model)
    [(leased, call)] = go_on(errand, [Leased(row.pk, 0)])
    chore_model.objects.update(lease_count=F("lease_count") + 1)

    assert go_on(errand, [leased._replace(answer=ask(call))]) == []

    assert errand.answers == []


@pytest.fixture
def four_at_once(settings: Any) -> Iterator[None]:
    settings.WORK_CALLS = 4
    errands._callers.cache_clear()
    yield
    errands._callers().shutdown()
    errands._callers.cache_clear()


@pytest.mark.usefixtures("four_at_once")
def test_a_call_whose_turn_comes_too_late_is_not_made(settings: Any) -> None:
    """Several tasks of a process share the threads. By then another worker may have looked up what was never sent."""
    all_are_busy, go_on_now = Barrier(5), Event()
    busy = [ask(lambda: (all_are_busy.wait(timeout=10), go_on_now.wait())) for _ in range(4)]
    all_are_busy.wait(timeout=10)
    made: list[str] = []

    settings.WORK_LEASE_SECONDS = 0
    late = ask(lambda: made.append("late"))
    go_on_now.set()

    assert isinstance(late.exception(), TooLate)
    assert [call.exception() for call in busy] == [None] * 4
    assert made == []


@pytest.mark.services
@pytest.mark.usefixtures("four_at_once")
def test_calls_are_made_side_by_side_and_each_once(chore_model: Chores, add: Add) -> None:
    for number in range(16):
        add(str(number))
    side_by_side = Barrier(4)

    def call(name: str) -> str:
        if int(name) < 4:
            side_by_side.wait(timeout=10)
        return name

    errand = Asking(chore_model, call=call)

    assert run_errands(errand) == 16
    assert sorted(errand.answers, key=int) == [str(number) for number in range(16)]


@pytest.mark.services
@pytest.mark.usefixtures("four_at_once")
def test_a_call_that_uses_the_database_leaves_no_connection_behind(chore_model: Chores, add: Add) -> None:
    add("a")

    def call(name: str) -> Any:
        with transaction.atomic():
            return chore_model.objects.get(name=name).name

    errand = Asking(chore_model, call=call)
    before = _connections()

    run_errands(errand)

    assert errand.answers == ["a"]
    assert _connections() == before


def _connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        number: int = cursor.fetchone()[0]
        return number
