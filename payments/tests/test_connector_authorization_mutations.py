"""POST /v1/fraudandabuse/shopperauthorization under random damage: an answer of the contract, never a 5xx."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from hypothesis import given

from amazon.tests.bodies import Json, changed, encoded
from amazon.tests.mutations import EVERY_KIND, damaged, damaged_bytes, hurried, paths_in, random_bodies
from payments.models import GateDecision, GateRules
from payments.tests.admin_rows import a_store
from payments.tests.gate_calls import Ask, asker, full_question, rules_of

STORE = "gate-store"
CONTRACT = {200, 400}
BODY = full_question(STORE)


def fresh(trip_id: str) -> Json:
    return full_question(STORE, trip_id)


@pytest.fixture
def rules(db: None) -> GateRules:
    return rules_of(a_store("Gate store"), most_held=20)


@pytest.fixture
def ask(client: Client) -> Ask:
    client.raise_request_exception = False
    return asker(client)


def check(body: bytes, ask: Ask) -> None:
    before = GateDecision.objects.count()

    answer = ask(body)

    assert answer.status_code in CONTRACT, answer.content
    if answer.status_code == 200:
        assert set(answer.json()) == {"shopperAuthorized", "authorizationConditions", "shopperRisks"}
        assert GateDecision.objects.count() >= before
        stored = GateDecision.objects.count()
        assert same(ask(body), answer), "a replay is answered alike"
        assert GateDecision.objects.count() == stored
        assert not GateDecision.objects.filter(is_fallback=True).exists(), "the database took all of it"
    else:
        assert list(answer.json()) == ["errorMsg"]
        assert GateDecision.objects.count() == before


def same(left: HttpResponse, right: HttpResponse) -> bool:
    return (left.status_code, left.content) == (right.status_code, right.content)


@hurried(150)
@given(body=damaged(fresh))
def test_damaged_question_never_breaks_the_gate(body: bytes, rules: GateRules, ask: Ask) -> None:
    check(body, ask)


@hurried(100)
@given(body=damaged_bytes(fresh))
def test_damaged_bytes_never_break_the_gate(body: bytes, rules: GateRules, ask: Ask) -> None:
    check(body, ask)


@hurried(100)
@given(body=random_bodies)
def test_random_bodies_are_refused(body: bytes, rules: GateRules, ask: Ask) -> None:
    assert ask(body).status_code == 400
    assert not GateDecision.objects.exists()


@pytest.mark.parametrize("path", sorted(paths_in(BODY)))
@pytest.mark.parametrize("value", EVERY_KIND)
def test_every_place_of_the_question_takes_every_kind_of_value(
    path: str, value: Any, rules: GateRules, ask: Ask
) -> None:
    check(encoded(changed(BODY, path, value)), ask)
