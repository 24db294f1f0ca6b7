"""Calls that an event loop gathers are answered and written down as those that are acted on one by one."""

import asyncio
from typing import Any

import pytest
from django.db.models import Model
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve

from amazon.inbound.journal import journal
from amazon.inbound.views import GatheredView
from amazon.models import InboundCall
from amazon.tests.bodies import encoded
from amazon.tests.calls import KEY, PURCHASES, a_cart, a_store, trips
from amazon.tests.odd_urls import TogetherView
from core.gathering import Gathering

pytestmark = pytest.mark.django_db(transaction=True)

View = type[GatheredView[Any, Any]]
Call = dict[str, Any]


def a_call(body: bytes, method: str = "POST", key: str = KEY, content_type: str = "application/json") -> Call:
    headers = {"x-api-key": key}
    return {"method": method, "path": PURCHASES, "data": body, "content_type": content_type, "headers": headers}


CART = encoded(a_cart())
CALLS = {
    "a cart": a_call(CART),
    "a cart of an unknown store": a_call(encoded(a_cart("NOWHERE"))),
    "a cart that ends before it starts": a_call(CART.replace(b"09:00:00Z", b"10:00:00Z")),
    "no JSON": a_call(b"{"),
    "nothing": a_call(b" "),
    "too much": a_call(b" " * (1024 * 1024 + 1)),
    "another type": a_call(CART, content_type="text/xml"),
    "another method": a_call(b"", method="GET"),
    "another key": a_call(CART, key="wrong"),
}


@pytest.fixture
def store(background: Any) -> Model:
    return a_store()


def together(view: View, *calls: Call) -> list[HttpResponse]:
    """The answers to calls that come to an event loop at the same moment."""
    gathering = Gathering(view.act)

    async def come() -> list[HttpResponse]:
        return await asyncio.gather(*(view().serve(RequestFactory().generic(**call), gathering) for call in calls))

    try:
        return asyncio.run(come())
    finally:
        gathering.end()


@pytest.fixture
def purchases() -> View:
    view: View = resolve(PURCHASES).func.view_class  # type: ignore[attr-defined]
    return view


def written() -> list[tuple[Any, ...]]:
    """What the journal holds, in the order of the calls' answers, and is then forgotten."""
    journal.end()
    calls = InboundCall.objects.order_by("id")
    rows = list(calls.values_list("endpoint", "caller", "store_external_id", "body", "is_whole", "status", "answer"))
    calls.delete()
    return rows


def said(response: HttpResponse) -> tuple[int, dict[str, str], bytes]:
    return response.status_code, dict(response.items()), response.content


@pytest.mark.parametrize("case", CALLS)
def test_a_call_is_answered_and_written_down_alike(store: Model, purchases: View, case: str) -> None:
    alone: HttpResponse = purchases.as_view()(RequestFactory().generic(**CALLS[case]))  # type: ignore[assignment]
    written_alone = written()

    (gathered,) = together(purchases, CALLS[case])

    assert said(gathered) == said(alone)
    assert written() == written_alone
    assert len(written_alone) == 1


def test_calls_of_all_kinds_at_once_get_their_own_answers(store: Model, purchases: View) -> None:
    answers = together(purchases, *CALLS.values(), *CALLS.values())

    assert [answer.status_code for answer in answers] == [201, 400, 400, 400, 400, 413, 415, 405, 403] * 2
    assert trips().count() == 1
    assert len(written()) == len(answers)


def test_copies_of_a_cart_at_once_are_one_trip_with_one_answer(store: Model, purchases: View) -> None:
    answers = together(purchases, *[CALLS["a cart"]] * 20)

    assert {said(answer)[2] for answer in answers} == {answers[0].content}
    assert {answer.status_code for answer in answers} == {201}
    assert trips().count() == 1


def asked(key: str) -> Call:
    return a_call(encoded({"identityKey": key}))


def test_what_goes_wrong_for_one_is_told_to_it_alone(background: Any) -> None:
    answers = together(TogetherView, asked("guest"), asked("broken"), asked("stranger"), asked("friend"))

    assert [answer.status_code for answer in answers] == [200, 500, 401, 200]
    assert [b"errorMsg" in answer.content for answer in answers] == [False, True, True, False]


def test_while_the_database_is_away_all_are_told_to_try_again(background: Any) -> None:
    answers = together(TogetherView, asked("guest"), asked("away"))

    assert [(answer.status_code, answer["Retry-After"]) for answer in answers] == [(503, "1")] * 2
