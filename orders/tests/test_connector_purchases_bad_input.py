"""POST /v1/order/purchases with bodies that nobody should send: a clear 4xx and nothing stored, never a 500."""

from typing import Any

import pytest

from amazon.tests.bodies import changed, encoded
from orders.models import Cart, DivergentCart, Trip
from orders.services.pricing import price_trip
from orders.states import TripState
from orders.tests.amazon_carts import cart
from orders.tests.conftest import Post
from stores.models import Store

STORE = "DEMO-CARD"


def unread(raw: bytes) -> bytes:
    """A sound cart with one more field, which nobody reads, spelled in raw bytes."""
    return encoded(cart(STORE))[:-1] + b', "novelty": ' + raw + b"}"


def spelled(path: str, raw: bytes) -> bytes:
    """A cart with the value at the path spelled in raw bytes."""
    return encoded(changed(cart(STORE), path, "HERE")).replace(b'"HERE"', raw)


MALFORMED = {
    "cut off": encoded(cart(STORE))[:-1],
    "a text after the end": encoded(cart(STORE)) + b" and more",
    "two carts": encoded(cart(STORE)) * 2,
    "single quotes": encoded(cart(STORE)).replace(b'"', b"'"),
    "HTML": b"<html><body>Hello</body></html>",
    "a form": b"requestId=1&storeId=DEMO-CARD",
    "zeros": b"\0" * 100,
    "byte order mark": b"\xef\xbb\xbf" + encoded(cart(STORE)),
    "UTF-16": encoded(cart(STORE)).decode().encode("utf-16"),
    "a comment": encoded(cart(STORE)) + b" // done",
    "comma before the brace": encoded(cart(STORE))[:-1] + b",}",
    "NaN": unread(b"NaN"),
    "Infinity": unread(b"-Infinity"),
    "number with a leading zero": unread(b"007"),
    "bare control character": spelled("cartItems.0.id", b'"A\x00B"'),
    "unknown escape": spelled("cartItems.0.id", rb'"A\qB"'),
    "half a surrogate pair": spelled("cartItems.0.id", rb'"A\ud800B"'),
    "a surrogate pair the wrong way round": spelled("cartItems.0.id", rb'"\udc00\ud800"'),
    "invalid UTF-8": spelled("cartItems.0.id", b'"A\xff\xfeB"'),
    "a surrogate in UTF-8": spelled("cartItems.0.id", b'"\xed\xa0\x80"'),
    "overlong UTF-8": spelled("storeId", b'"\xc0\xafDEMO-CARD"'),
    "deep lists, never closed": b"[" * 100_000,
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects in a read field": spelled("shoppingTrip", b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
    "deep lists in an unread field": unread(b"[" * 50_000 + b"]" * 50_000),
    "deep lists that fit Python's stack": unread(b"[" * 900 + b"]" * 900),
    "deep lists in spaces": unread(b"[ " * 700 + b"] " * 700),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_body_is_refused(case: str, store: Store, post: Post) -> None:
    answer = post(MALFORMED[case])

    assert answer.status_code == 400
    assert list(answer.json()) == ["errorMsg"]
    assert answer.json()["errorMsg"]
    assert not Trip.objects.exists()
    assert not Cart.objects.exists()


def test_a_wide_and_flat_cart_is_not_taken_for_a_deep_one(store: Store, post: Post) -> None:
    brackets_in_text = b'"' + b"[{" * 2000 + rb"\"[" + b'"'
    flat = b"[" + b",".join([b"{}"] * 2000) + b"]"

    assert post(unread(brackets_in_text)).status_code == 201
    assert post(unread(flat)).status_code == 201


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "json"],
)
def test_another_content_type_is_refused(content_type: str, store: Store, post: Post) -> None:
    answer = post(cart(STORE), CONTENT_TYPE=content_type)

    assert answer.status_code == 415
    assert "application/json" in answer.json()["errorMsg"]
    assert not Trip.objects.exists()


@pytest.mark.parametrize("length", [None, "5000000", "10", "0", "-1", "many", ""])
def test_body_of_5_mb_is_refused_whatever_length_it_declares(length: str | None, store: Store, post: Post) -> None:
    body = unread(b'"' + b"x" * 5_000_000 + b'"')
    declared = {} if length is None else {"CONTENT_LENGTH": length}

    answer = post(body, **declared)

    assert answer.status_code == (413 if length in {None, "5000000"} else 400)
    assert list(answer.json()) == ["errorMsg"]
    assert not Trip.objects.exists()


def test_body_just_below_the_limit_is_accepted_and_one_above_is_not(store: Store, post: Post, settings: Any) -> None:
    body = encoded(cart(STORE))
    settings.CONNECTOR_MAX_BODY_BYTES = len(body)

    assert post(body + b" ").status_code == 413
    assert post(body).status_code == 201


# --- \u0000, which JSON allows and PostgreSQL's text does not ---


@pytest.mark.parametrize(
    "path",
    [
        "idempotentShoppingTripId",
        "storeId",
        "cartItems.0.id",
        "cartItems.0.quantity.unit",
        "cartItems.0.lineItemId",
        "shopperDeviceId",
        "shoppingTrip.authEvents.0.timestamp",
    ],
)
def test_zero_character_in_a_field_that_we_read_is_refused(path: str, store: Store, post: Post) -> None:
    answer = post(changed(cart(STORE), path, "A\0B"))

    assert answer.status_code == 400
    assert path.rpartition(".")[2] in answer.json()["errorMsg"]
    assert "\\u0000" in answer.json()["errorMsg"]
    assert not Trip.objects.exists()


KEPT = {
    "zero character": rb'"A\u0000B"',
    "zero character in a field's name": rb'{"A\u0000B": 1}',
    "zero character written out": rb'"A\\u0000B"',
    "invalid UTF-8": b'"A\xff\xfeB"',
    "number beyond every float": b"1e400",
    "number of 5000 digits": b"9" * 5000,
    "integer beyond 64 bits": b"123456789012345678901234567890",
    "same field twice": b'1, "novelty": 2',
    "100 lists deep": b"[" * 100 + b"]" * 100,
}


@pytest.mark.parametrize("case", KEPT)
def test_oddity_in_a_field_that_we_do_not_read_is_kept(case: str, store: Store, post: Post) -> None:
    body = unread(KEPT[case])

    answer = post(body)

    assert answer.status_code == 201
    assert bytes(Cart.objects.get().body) == body


@pytest.mark.parametrize("case", KEPT)
def test_cart_with_an_oddity_can_be_sent_again_and_diverge(case: str, store: Store, post: Post) -> None:
    body = unread(KEPT[case])
    first = post(body).json()
    request_id = body[15:51]
    retry = body.replace(request_id, b"11111111-2222-3333-4444-555555555555")
    other = body.replace(b'"value": "1.0"', b'"value": "2.0"')

    answers = [post(retry), post(other), post(other)]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(201, first)] * 3
    assert bytes(DivergentCart.objects.get().body) == other


def test_text_that_spells_a_zero_character_is_a_text(store: Store, post: Post) -> None:
    assert post(spelled("cartItems.0.id", rb'"A\\u0000B"')).status_code == 201


def test_of_a_field_sent_twice_the_last_one_counts(store: Store, post: Post) -> None:
    body = encoded(cart(STORE))[:-1] + b', "idempotentShoppingTripId": "the-last-one"}'

    assert post(body).status_code == 201
    assert Trip.objects.get().amazon_trip_id == "the-last-one"


# --- Numbers and times at the edge ---

NUMBERS = [b"1e16", b"1e300", b"-1e300", b"1e-300", b"1e400", b"-0", b"1e9", b"12345678901", b"9" * 400, b"9" * 5000]


@pytest.mark.parametrize("raw", [*NUMBERS, b'"9999999999"', b'"-999999999"', b'".000000001"', b'"-0"'])
def test_whatever_quantity_is_accepted_can_be_worked_on(raw: bytes, store: Store, water: Any, post: Post) -> None:
    answer = post(spelled("cartItems.0.quantity.value", raw))

    assert answer.status_code in {201, 400}
    if answer.status_code == 400:
        assert "cartItems[0].quantity.value" in answer.json()["errorMsg"]
        assert not Trip.objects.exists()
        return
    trip = Trip.objects.get()
    price_trip(trip.pk)
    trip = Trip.objects.get()
    assert trip.state in {TripState.PRICED, TripState.REVIEW}


@pytest.mark.parametrize("field", ["startTime", "endTime"])
@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59Z",
        "2016-12-31T23:59:60Z",
        "2026-02-29T00:00:00Z",
        "2026-01-05",
        "09:00:00Z",
        "1767603600",
        1767603600,
        "",
    ],
)
def test_time_that_no_trip_can_have_is_refused(field: str, moment: Any, store: Store, post: Post) -> None:
    answer = post(changed(cart(STORE), f"shoppingTrip.{field}", moment))

    assert answer.status_code == 400
    assert "shoppingTrip." in answer.json()["errorMsg"]
    assert not Trip.objects.exists()


@pytest.mark.parametrize("event_time", [10**30, -1, 1.5e300, "yesterday", "", "9999-99-99"])
def test_time_of_an_event_that_makes_no_sense_is_no_reason_to_refuse(event_time: Any, store: Store, post: Post) -> None:
    """It is optional and decides nothing. Amazon: faq (a success for every body whose required fields are sound)."""
    answer = post(changed(cart(STORE), "shoppingTrip.authEvents.0.eventTimestamp", event_time))

    assert answer.status_code == 201
