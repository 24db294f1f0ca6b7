"""7a.16: what the gate is answered when the rules cannot be read, and how long that takes at most."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier, Thread
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client

from amazon.tests.bodies import Json
from payments.models import GateDecision
from payments.services import authorization
from payments.tests.admin_rows import a_store
from payments.tests.gate_calls import Ask, asker, full_question, question, rules_of
from stores.models import Store

STORE = "gate-store"


@pytest.fixture
def store(db: None) -> Iterator[Store]:
    authorization._fallbacks.clear()  # a new process
    yield a_store("Gate store")
    authorization._fallbacks.clear()


@pytest.fixture
def ask(client: Client) -> Ask:
    return asker(client)


def is_let_in(ask: Ask, body: Json) -> bool:
    answer = ask(body)
    assert answer.status_code == 200, answer.content
    return bool(answer.json()["shopperAuthorized"])


@contextmanager
def gone(table: str) -> Iterator[None]:
    """While the table cannot be read."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_elsewhere")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table}_elsewhere RENAME TO {table}")


@contextmanager
def full(table: str) -> Iterator[None]:
    """While nothing can be written to the table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT is_full CHECK (false) NOT VALID")
        else:
            cursor.execute(f"CREATE TRIGGER is_full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END")
    yield
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT is_full")
        else:
            cursor.execute("DROP TRIGGER is_full")


@pytest.mark.parametrize(("fallback", "expected"), [("accept", True), ("deny", False)])
def test_rules_that_cannot_be_read_are_answered_by_the_fallback(
    fallback: str, expected: bool, store: Store, ask: Ask
) -> None:
    rules_of(store, fallback=fallback)
    ask(question(STORE))
    body = question(STORE)

    with gone("payments_gaterules"):
        assert is_let_in(ask, body) is expected

    decision = GateDecision.objects.get(is_fallback=True)
    assert decision.is_authorized is expected
    assert "could not be read in time" in decision.reasons[0]
    assert is_let_in(ask, body) is expected, "the same call again gets the same answer"
    assert GateDecision.objects.count() == 2


def test_process_that_never_read_the_fallback_lets_nobody_in(store: Store, ask: Ask) -> None:
    rules_of(store, fallback="accept")

    with gone("payments_gaterules"):
        assert not is_let_in(ask, question(STORE))


def test_fallback_is_the_one_last_read(store: Store, ask: Ask) -> None:
    rules = rules_of(store, fallback="accept")
    ask(question(STORE))
    rules.fallback = "deny"
    rules.save()
    ask(question(STORE))

    with gone("payments_gaterules"):
        assert not is_let_in(ask, question(STORE))


def test_fallback_ends_with_the_rules(store: Store, ask: Ask) -> None:
    rules = rules_of(store, fallback="accept")
    ask(question(STORE))
    rules.delete()
    ask(question(STORE))

    with gone("payments_gaterules"):
        assert not is_let_in(ask, question(STORE))


def test_fallback_is_answered_even_if_it_cannot_be_stored(store: Store, ask: Ask) -> None:
    rules_of(store, fallback="accept")
    ask(question(STORE))

    with gone("payments_gatedecision"):
        assert is_let_in(ask, question(STORE))

    assert GateDecision.objects.count() == 1


@pytest.mark.parametrize("risk", ["CustomerFraud", "SomethingElse"])
def test_what_the_rules_say_is_answered_even_if_it_cannot_be_stored(risk: str, store: Store, ask: Ask) -> None:
    rules_of(store, fallback="accept")
    body = full_question(STORE)
    body["shopperInteraction"]["recommendation"]["shopperRisks"] = [risk]

    with full("payments_gatedecision"):
        assert is_let_in(ask, body) is (risk != "CustomerFraud")

    assert not GateDecision.objects.exists()


def test_log_of_a_fallback_names_the_store_and_nobody(store: Store, ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    rules_of(store, fallback="accept")
    ask(question(STORE))

    with caplog.at_level(logging.ERROR), gone("payments_gaterules"):
        ask(full_question(STORE))
        ask(full_question("Nobody's\nstore"))

    assert f"store {STORE}" in caplog.text
    assert "everybody is let in" in caplog.text
    assert "amzn1.card" not in caplog.text
    assert "Nobody" not in caplog.text


# --- On PostgreSQL, with real connections ---


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["payments_gaterules", "payments_debt", "payments_gatedecision", "stores_store"])
@pytest.mark.parametrize(("fallback", "expected"), [("accept", True), ("deny", False)])
def test_locked_table_holds_the_gate_up_no_longer_than_it_may(
    table: str, fallback: str, expected: bool, store: Store, ask: Ask, settings: Any
) -> None:
    rules_of(store, fallback=fallback)
    settings.AUTHORIZATION_SECONDS = 0.6
    ask(question(STORE))

    with locked(table):
        started = time.monotonic()
        answer = is_let_in(ask, question(STORE))
        took = time.monotonic() - started

    assert answer is expected
    assert took < 0.6 + 1, "half for reading, half for storing the fallback, and some for a busy machine"
    stored = GateDecision.objects.filter(is_fallback=True).count()
    assert stored == (1 if table in {"payments_gaterules", "payments_debt"} else 0)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_bound_ends_with_the_decision(store: Store, ask: Ask, settings: Any) -> None:
    rules_of(store)
    settings.AUTHORIZATION_SECONDS = 0.2
    ask(question(STORE))

    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("25s",)
        cursor.execute("SELECT pg_sleep(0.3)")


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_connection_that_died_since_the_last_call_is_no_reason_to_fall_back(store: Store, ask: Ask) -> None:
    rules_of(store)
    ask(question(STORE))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]

    with another_connection() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
        time.sleep(0.1)

    assert is_let_in(ask, question(STORE))
    assert not GateDecision.objects.filter(is_fallback=True).exists()


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_same_call_many_times_at_once_gets_one_answer_and_one_row(store: Store) -> None:
    rules_of(store)
    bodies = [full_question(STORE, f"TRIP-{trip}") for trip in range(20)]
    answers: dict[str, set[str]] = {}
    start = Barrier(6)

    def call(hold: int) -> None:
        ask = asker(Client())
        for body in bodies:
            body = json.loads(json.dumps(body))
            # Each asks for another hold: whoever is first decides for all.
            adjust = body["shopperInteraction"]["recommendation"]["authorizationConditions"][0]
            adjust["amount"]["value"] = hold
            start.wait(timeout=10)
            trip_id = body["shopperInteraction"]["shoppingTripId"]
            answers.setdefault(trip_id, set()).add(ask(body).content.decode())
        connection.close()

    threads = [Thread(target=call, args=[hold]) for hold in range(20, 26)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == GateDecision.objects.count() == 20
    assert all(len(given) == 1 for given in answers.values()), answers


@contextmanager
def another_connection() -> Iterator[psycopg.Connection]:
    parameters = {key: connection.settings_dict[key.upper()] for key in ("host", "port", "user", "password")}
    known = {key: value for key, value in parameters.items() if value}
    with psycopg.connect(dbname=connection.settings_dict["NAME"], **known) as other:
        yield other


@contextmanager
def locked(table: str) -> Iterator[None]:
    with another_connection() as other:
        other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()
