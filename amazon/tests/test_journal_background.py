"""The journal as it runs in production: written by a thread, after the answers."""

import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model

from amazon.inbound import journal as journal_module
from amazon.inbound.journal import journal
from amazon.models import InboundCall
from amazon.tests.calls import Post, a_cart, a_store

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = InboundCall._meta.db_table


@pytest.fixture
def store(background: Any) -> Model:
    return a_store()


def comes_true(is_so: Callable[[], bool], seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if is_so():
            return True
        time.sleep(0.02)
    return False


def rename(before: str, after: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {before} RENAME TO {after}")


def test_calls_are_written_soon_after_their_answers_in_their_order(store: Model, post: Post) -> None:
    carts = [a_cart() for _ in range(5)]

    for cart in carts:
        assert post(cart).status_code == 201

    assert comes_true(lambda: InboundCall.objects.count() == 5)
    written = InboundCall.objects.order_by("id").values_list("request_id", flat=True)
    assert list(written) == [cart["requestId"] for cart in carts]


def test_a_call_is_answered_before_it_is_written(store: Model, post: Post, background: Any) -> None:
    background.JOURNAL_DELAY_SECONDS = 60

    assert post(a_cart()).status_code == 201
    assert not InboundCall.objects.exists()

    journal.end()
    assert InboundCall.objects.count() == 1


def test_a_process_that_ends_writes_what_it_has(store: Model, post: Post, background: Any) -> None:
    background.JOURNAL_DELAY_SECONDS = 60
    for _ in range(250):
        post(b"{}")

    journal.end()

    assert InboundCall.objects.count() == 250


def test_calls_go_on_while_the_journal_cannot_be_written_and_are_written_later(
    store: Model, post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    monkeypatch.setattr(journal_module, "_RETRY_SECONDS", 0.05)
    rename(TABLE, "away")
    try:
        assert [post(a_cart()).status_code for _ in range(3)] == [201] * 3
        assert comes_true(lambda: "waits for the database" in caplog.text)
    finally:
        rename("away", TABLE)

    assert comes_true(lambda: InboundCall.objects.count() == 3)


def test_what_does_not_fit_is_dropped_oldest_first_and_counted(
    store: Model, post: Post, background: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    background.JOURNAL_DELAY_SECONDS = 60
    monkeypatch.setattr(journal_module, "MOST_CALLS", 2)
    carts = [a_cart() for _ in range(5)]

    for cart in carts:
        assert post(cart).status_code == 201
    with caplog.at_level(logging.ERROR):
        journal.end()

    written = InboundCall.objects.order_by("id").values_list("request_id", flat=True)
    assert list(written) == [cart["requestId"] for cart in carts[-2:]]
    assert "3 calls of Amazon's were not journalled" in caplog.text


def test_the_bodies_that_wait_are_bounded_too(
    store: Model, post: Post, background: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    background.JOURNAL_DELAY_SECONDS = 60
    monkeypatch.setattr(journal_module, "MOST_BYTES", 10_000)

    for _ in range(5):
        post(b"x" * 4000)
    journal.end()

    assert InboundCall.objects.count() == 2


def test_a_database_that_stays_away_costs_the_calls_and_nothing_else(
    store: Model, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    rename(TABLE, "away")
    try:
        assert post(a_cart()).status_code == 201
        journal.end()
    finally:
        rename("away", TABLE)

    assert "1 calls of Amazon's were not journalled" in caplog.text
    assert not InboundCall.objects.exists()


@pytest.mark.services
def test_the_journal_outlives_its_connection(store: Model, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "_RETRY_SECONDS", 0.05)
    post(a_cart())
    assert comes_true(lambda: InboundCall.objects.count() == 1)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    post(a_cart())

    assert comes_true(lambda: InboundCall.objects.count() == 2)
