"""Every call is written down, whatever came of it."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Model

from amazon.models import InboundCall
from amazon.tests.bodies import encoded
from amazon.tests.calls import PURCHASES, Post, a_cart

pytestmark = pytest.mark.django_db


def test_an_accepted_cart_is_written_down(store: Model, post: Post) -> None:
    cart, before = a_cart(), datetime.now(UTC)

    answer = post(cart)

    call = InboundCall.objects.get()
    assert (call.endpoint, call.status, call.answer) == (PURCHASES, 201, answer.content.decode())
    assert (call.body, call.is_whole) == (encoded(cart).decode(), True)
    assert (call.store_external_id, call.request_id) == (cart["storeId"], cart["requestId"])
    assert call.amazon_trip_id == cart["idempotentShoppingTripId"]
    assert (call.caller, call.is_replay) == ("key 1", False)
    assert before - timedelta(seconds=1) < call.at <= datetime.now(UTC)
    assert 0 <= call.duration_ms < 60_000


def test_the_caller_is_named_by_the_place_of_its_key(store: Model, post: Post, settings: Any) -> None:
    settings.CONNECTOR_API_KEYS = ["", "first", "second"]

    post(a_cart(), headers={"x-api-key": "second"})

    call = InboundCall.objects.get()
    assert call.caller == "key 2"
    assert "second" not in f"{call.body}{call.answer}"


def test_a_refused_cart_is_written_down_with_the_reason(store: Model, post: Post) -> None:
    cart = a_cart("NOWHERE")

    post(cart)

    call = InboundCall.objects.get()
    assert (call.status, call.store_external_id, call.is_whole) == (400, "NOWHERE", True)
    assert "NOWHERE" in call.answer


def test_a_call_without_a_key_is_written_down_and_its_body_cut(post: Post) -> None:
    post(b"x" * 5000, headers={"x-api-key": "wrong"})

    call = InboundCall.objects.get()
    assert (call.status, call.caller, call.body, call.is_whole) == (403, "refused", "x" * 1000, False)


def test_a_call_of_another_type_is_written_down(post: Post) -> None:
    post(b"<cart/>", CONTENT_TYPE="text/xml")

    call = InboundCall.objects.get()
    assert (call.status, call.caller, call.body, call.is_whole) == (415, "key 1", "<cart/>", True)


def test_a_body_that_was_too_large_is_not_kept(post: Post, settings: Any) -> None:
    settings.CONNECTOR_MAX_BODY_BYTES = 100

    post(b"x" * 101)

    call = InboundCall.objects.get()
    assert (call.status, call.body, call.is_whole) == (413, "", False)


@pytest.mark.parametrize("body", [b"", b"\0", b"\xff\xfe", b"[" * 100_000, b'{"requestId": 1', b"\xed\xa0\x80"])
def test_bytes_that_are_no_json_are_written_down(body: bytes, post: Post) -> None:
    post(body)

    call = InboundCall.objects.get()
    assert call.status == 400
    assert call.is_whole == (call.body.encode() == body)


def test_a_very_long_body_is_cut(post: Post) -> None:
    post(b'{"requestId": "' + b"x" * 300_000 + b'"}')

    call = InboundCall.objects.get()
    assert (len(call.body), call.is_whole, len(call.request_id)) == (256 * 1024, False, 255)


NAMES = {
    "purchases": ({"idempotentShoppingTripId": "T1"}, "T1"),
    "Dash Cart": ({"shoppingTripId": "T2"}, "T2"),
    "fraud and abuse": ({"shopperInteraction": {"shoppingTripId": "T3"}}, "T3"),
    "a name of the wrong kind": ({"shoppingTripId": ["T4"], "shopperInteraction": "T4"}, ""),
    "no name": ({}, ""),
    "a zero character": ({"shoppingTripId": "T\0"}, "T\N{REPLACEMENT CHARACTER}"),
}


@pytest.mark.parametrize("case", NAMES)
def test_the_trip_is_found_wherever_an_endpoint_names_it(case: str, post: Post) -> None:
    body, trip = NAMES[case]

    post(body | {"requestId": str(uuid.uuid4())})

    call = InboundCall.objects.get()
    assert call.amazon_trip_id == trip
    assert call.request_id


def test_names_that_look_like_personal_data_are_not_kept(post: Post) -> None:
    post({"requestId": "ada@example.com", "storeId": "+44 7700 900123", "idempotentShoppingTripId": "T1"})

    call = InboundCall.objects.get()
    assert (call.request_id, call.store_external_id, call.amazon_trip_id) == ("***", "***", "T1")
