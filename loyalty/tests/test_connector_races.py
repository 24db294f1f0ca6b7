"""Two copies of one call at the same moment: one row, and the same answer to both."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client

from amazon.tests.bodies import Json, encoded
from loyalty.models import Scan
from loyalty.tests.conftest import CONNECTOR_KEY
from loyalty.tests.people import a_member
from loyalty.tests.questions import KEYS, SCAN, identity_keys, scan
from stores.models import Store

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

COPIES = 8
ROUNDS = 10


def at_once(path: str, questions: list[Json]) -> list[HttpResponse]:
    """The answers to the questions, each asked from a thread of its own at the same moment."""
    start = Barrier(len(questions))

    def ask(question: Json) -> HttpResponse:
        client, body = Client(), encoded(question)
        start.wait()
        try:
            return client.post(path, body, content_type="application/json", headers={"x-api-key": CONNECTOR_KEY})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(questions)) as threads:
        return list(threads.map(ask, questions))


def copies(question: Json) -> list[Json]:
    return [question] * COPIES


def same_event(question: Json) -> list[Json]:
    return [question | {"requestId": str(uuid.uuid4())} for _ in range(COPIES)]


@pytest.mark.parametrize("code", ["SHOPPER-CODE", "NOBODYS-CODE"])
@pytest.mark.parametrize("multiply", [copies, same_event])
def test_simultaneous_copies_at_the_gate_are_one_entry(
    code: str, multiply: Callable[[Json], list[Json]], store: Store
) -> None:
    a_member("ada-1", "SHOPPER-CODE")

    for number in range(1, ROUNDS + 1):
        answers = at_once(KEYS, multiply(identity_keys(code)))

        assert len({(answer.status_code, answer.content) for answer in answers}) == 1
        assert answers[0].status_code == (200 if code == "SHOPPER-CODE" else 401)
        assert Scan.objects.count() == number


def test_simultaneous_copies_of_a_loyalty_scan_are_one_row(store: Store) -> None:
    a_member("ada-1", loyalty=("LOYALTY-CARD",))

    for number in range(1, ROUNDS + 1):
        answers = at_once(SCAN, copies(scan("LOYALTY-CARD")))

        assert {answer.json()["action"] for answer in answers} == {"ACCEPT"}
        assert Scan.objects.count() == number
