"""Leases, the fence, back-off and draining."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from hypothesis import given
from hypothesis import strategies as st

from core.work import LeaseLost, WorkRow, _threads, backoff, drain

Chores = type[Any]
Add = Callable[..., WorkRow]


@pytest.fixture
def add(chore_model: Chores) -> Add:
    """Add a chore that is due since so many seconds (in as many, when negative; never, when None)."""

    def insert(name: str, since: float | None = 1) -> WorkRow:
        due = None if since is None else Now() - timedelta(seconds=since)
        row: WorkRow = chore_model.objects.create(name=name, next_attempt_at=due)
        return row

    return insert


def names(rows: list[Any]) -> list[str]:
    return [row.name for row in rows]


def seconds_ahead(row: WorkRow) -> float:
    row.refresh_from_db()
    assert row.next_attempt_at is not None
    return (row.next_attempt_at - datetime.now(UTC)).total_seconds()


# --- Leases ---


def test_due_rows_are_leased_oldest_first_and_others_left(chore_model: Chores, add: Add) -> None:
    for name, since in [("young", 1), ("oldest", 90), ("old", 60), ("later", -60), ("at rest", None)]:
        add(name, since)

    assert set(names(chore_model.lease_due(2))) == {"oldest", "old"}
    assert names(chore_model.lease_due(2)) == ["young"]
    assert chore_model.lease_due(2) == []


def test_lease_ends_when_its_time_is_over(chore_model: Chores, add: Add, settings: Any) -> None:
    row = add("sweep")
    settings.WORK_LEASE_SECONDS = -1

    [first] = chore_model.lease_due(10)
    [second] = chore_model.lease_due(10)

    assert (first.pk, first.lease_count) == (row.pk, 1)
    assert (second.pk, second.lease_count) == (row.pk, 2)


def test_lease_lasts_as_long_as_configured(chore_model: Chores, add: Add, settings: Any) -> None:
    row = add("sweep")
    settings.WORK_LEASE_SECONDS = 45.0

    chore_model.lease_due(10)

    assert 40 < seconds_ahead(row) < 50


@pytest.mark.parametrize("hours", [-24, 24])
def test_lease_goes_by_the_clock_of_the_database(hours: int, chore_model: Chores, add: Add) -> None:
    row = add("sweep")
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours)):
        assert names(chore_model.lease_due(10)) == ["sweep"]
        assert chore_model.lease_due(10) == []

    assert 0 < seconds_ahead(row) < 3600


def test_outcome_of_a_lease_that_has_ended_is_refused(chore_model: Chores, add: Add, settings: Any) -> None:
    add("sweep")
    settings.WORK_LEASE_SECONDS = -1
    [first] = chore_model.lease_due(10)
    [second] = chore_model.lease_due(10)

    with transaction.atomic():
        with pytest.raises(LeaseLost):
            chore_model.locked(first.pk, lease_count=first.lease_count)
        assert chore_model.locked(first.pk, lease_count=second.lease_count) == first
        assert chore_model.locked(first.pk) == first


# --- What becomes of a row ---


def test_failures_are_counted_and_forgotten_after_success(chore_model: Chores, add: Add) -> None:
    row = add("sweep")

    for _ in range(2):
        row.retry("no broom")
        row.save()
    row.refresh_from_db()
    assert (row.failed_attempts, row.last_error) == (2, "no broom")

    row.wait(30)
    row.save()
    assert 25 < seconds_ahead(row) < 35
    assert (row.failed_attempts, row.last_error) == (0, "")

    row.rest()
    row.save()
    assert chore_model.objects.get().next_attempt_at is None

    row.due_now()
    row.save()
    assert names(chore_model.lease_due(10)) == ["sweep"]


def test_wait_that_the_other_side_asked_for_replaces_the_back_off(add: Add) -> None:
    row = add("sweep")

    row.retry("429", after=300)
    row.save()

    assert 290 < seconds_ahead(row) < 310


@given(st.integers(min_value=1, max_value=1_000_000))
def test_back_off_doubles_is_jittered_and_capped(failures: int) -> None:
    ideal = min(2.0 * 2 ** min(failures - 1, 100), 120.0)

    assert ideal * 0.75 <= backoff(failures) <= ideal * 1.25


# --- Draining ---


def test_drain_works_on_all_that_is_due_and_on_nothing_else(chore_model: Chores, add: Add, settings: Any) -> None:
    settings.WORK_BATCH_SIZE = 3
    for index in range(8):
        add(f"chore {index}", since=60 - index)
    add("later", since=-60)
    done: list[str] = []

    def handle(row: Any) -> None:
        done.append(row.name)
        chore_model.objects.filter(pk=row.pk).update(next_attempt_at=None)

    assert drain(chore_model, handle) == 8
    assert done == [f"chore {index}" for index in range(8)]


def test_row_that_cannot_be_worked_on_does_not_hold_up_the_others(
    chore_model: Chores, add: Add, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.WORK_BATCH_SIZE = 2
    settings.WORK_RETRY_FIRST_SECONDS = 60
    poison = add("poison", since=900)
    for index in range(5):
        add(f"chore {index}")
    done: list[str] = []

    def handle(row: Any) -> None:
        if row.name == "poison":
            raise ZeroDivisionError("of all things")
        done.append(row.name)
        chore_model.objects.filter(pk=row.pk).update(next_attempt_at=None)

    with caplog.at_level(logging.ERROR, logger="core.work"):
        assert drain(chore_model, handle) == 6

    assert len(done) == 5
    assert 40 < seconds_ahead(poison) < 80
    assert (poison.failed_attempts, poison.last_error) == (1, "ZeroDivisionError: of all things")
    assert "could not be worked on" in caplog.text


def test_row_whose_outcome_was_committed_stays_at_rest_whatever_its_worker_then_heard(
    chore_model: Chores, add: Add
) -> None:
    """Such as a connection that was cut between a commit and its answer."""
    row = add("sweep")

    def handle(row: Any) -> None:
        row.rest()
        row.save()
        raise OperationalError("server closed the connection unexpectedly")

    assert drain(chore_model, handle) == 1

    row.refresh_from_db()
    assert (row.next_attempt_at, row.failed_attempts) == (None, 0)


def test_worker_that_fails_after_its_lease_has_ended_leaves_the_row_to_its_new_holder(
    chore_model: Chores, add: Add
) -> None:
    row = add("sweep")
    theirs = Now() + timedelta(hours=5)

    def handle(row: Any) -> None:
        chore_model.objects.update(lease_count=F("lease_count") + 1, next_attempt_at=theirs)
        raise ZeroDivisionError

    drain(chore_model, handle)

    assert seconds_ahead(row) > 4 * 3600
    assert (row.failed_attempts, row.last_error) == (0, "")


def test_lost_lease_is_no_failure(chore_model: Chores, add: Add) -> None:
    row = add("sweep")

    def handle(row: Any) -> None:
        raise LeaseLost("somebody was faster")

    assert drain(chore_model, handle) == 1
    row.refresh_from_db()
    assert (row.failed_attempts, row.last_error) == (0, "")


# --- On PostgreSQL, with real connections ---


@pytest.mark.services
def test_two_workers_never_lease_the_same_row(chore_model: Chores, add: Add) -> None:
    assert connection.vendor == "postgresql", "this test needs DATABASE_URL to name a PostgreSQL database"
    for index in range(120):
        add(f"chore {index}")
    leased: list[int] = []
    start = Barrier(8)

    def work() -> None:
        start.wait()
        while rows := chore_model.lease_due(3):
            leased.extend(row.pk for row in rows)
        connection.close()

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(leased) == len(set(leased)) == 120
    assert set(chore_model.objects.values_list("lease_count", flat=True)) == {1}


@pytest.mark.services
def test_rows_are_worked_on_side_by_side_and_each_once(chore_model: Chores, add: Add, settings: Any) -> None:
    assert connection.vendor == "postgresql", "this test needs DATABASE_URL to name a PostgreSQL database"
    settings.WORK_CONCURRENCY = 4
    settings.WORK_BATCH_SIZE = 8
    for index in range(16):
        add(f"chore {index}")
    side_by_side = Barrier(4)
    done: list[int] = []

    def handle(row: Any) -> None:
        side_by_side.wait(timeout=10)
        done.append(row.pk)
        chore_model.objects.filter(pk=row.pk).update(next_attempt_at=None)
        connection.close()

    try:
        assert drain(chore_model, handle) == 16
    finally:
        _threads().shutdown()
        _threads.cache_clear()
    assert len(set(done)) == 16
