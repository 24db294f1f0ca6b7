"""POST /v1/order/purchases: who may call, which store, and what a repeated call does."""

import json
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from amazon.tests.bodies import changed, encoded
from orders.models import Cart, DivergentCart, Trip, TripEvent
from orders.tests.amazon_carts import cart, full_cart, item
from orders.tests.conftest import CONNECTOR_KEY, PURCHASES, Post
from stores.models import Store

STORE = "DEMO-CARD"


# --- Who may call ---


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": ""},
        {"x-api-key": "another-key"},
        {"x-api-key": CONNECTOR_KEY.upper()},
        {"x-api-key": CONNECTOR_KEY[:-1]},
        {"x-api-key": f"{CONNECTOR_KEY},"},
        {"x-api-key": "Schlüssel"},
        {"Authorization": f"Bearer {CONNECTOR_KEY}"},
        {"Authorization": "Bearer test-write-key"},
    ],
)
def test_caller_without_a_key_of_this_connector_is_refused(headers: dict[str, str], store: Store, post: Post) -> None:
    answer = post(cart(STORE), headers=headers)

    assert answer.status_code == 403
    assert "x-api-key" in answer.json()["errorMsg"]
    assert CONNECTOR_KEY not in answer.json()["errorMsg"]
    assert not Trip.objects.exists()


@pytest.mark.parametrize("configured", [[], [""]])
@pytest.mark.parametrize("given", ["", CONNECTOR_KEY])
def test_nobody_may_call_while_no_key_is_configured(
    configured: list[str], given: str, store: Store, post: Post, settings: Any
) -> None:
    settings.CONNECTOR_API_KEYS = configured

    answer = post(cart(STORE), headers={"x-api-key": given})

    assert answer.status_code == 403
    assert not Trip.objects.exists()


@pytest.mark.parametrize("key", ["old-key", "new-key"])
def test_both_keys_work_while_one_is_replaced(key: str, store: Store, post: Post, settings: Any) -> None:
    settings.CONNECTOR_API_KEYS = ["old-key", "new-key"]

    assert post(cart(STORE), headers={"x-api-key": key}).status_code == 201


def test_refusal_without_a_key_comes_before_the_body_is_looked_at(store: Store, post: Post) -> None:
    assert post(b"not JSON", headers={}, CONTENT_TYPE="text/plain").status_code == 403


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD"])
def test_other_methods_are_not_allowed(method: str, store: Store, client: Client) -> None:
    answer = client.generic(method, PURCHASES, headers={"x-api-key": CONNECTOR_KEY})

    assert answer.status_code == 405
    assert "POST" in answer["Allow"]
    if method != "HEAD":
        assert list(answer.json()) == ["errorMsg"]


def test_a_slash_at_the_end_is_another_address(store: Store, client: Client) -> None:
    headers = {"x-api-key": CONNECTOR_KEY}

    answer = client.post(f"{PURCHASES}/", cart(STORE), content_type="application/json", headers=headers)

    assert answer.status_code == 404
    assert not Trip.objects.exists()


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense"])
def test_answer_is_json_whatever_is_accepted(accept: str, store: Store, post: Post) -> None:
    answer = post(cart(STORE), headers={"x-api-key": CONNECTOR_KEY, "Accept": accept})

    assert (answer.status_code, answer["Content-Type"]) == (201, "application/json")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"]
)
def test_content_type_may_have_parameters_and_capitals(content_type: str, store: Store, post: Post) -> None:
    assert post(cart(STORE), CONTENT_TYPE=content_type).status_code == 201


# --- Which store, which items ---


def test_unknown_store_is_refused_by_the_id_that_amazon_sent(store: Store, post: Post) -> None:
    answer = post(cart("NOT-OURS"))

    assert answer.status_code == 400
    assert answer.json()["errorMsg"].startswith("storeId: ")
    assert "NOT-OURS" in answer.json()["errorMsg"]
    assert not Trip.objects.exists()
    assert not Cart.objects.exists()


def test_unknown_item_is_accepted(store: Store, post: Post) -> None:
    answer = post(cart(STORE, item("NOBODY-SELLS-THIS", "999", "furlong")))

    assert answer.status_code == 201


def test_attributes_that_amazon_adds_are_kept_at_every_level(store: Store, post: Post) -> None:
    content = full_cart(STORE)
    news = {"new": [1, {"x": None}], "größe": "\u00e9\U0001f6d2", "requestId2": 1.50}
    for path in ["shoppingTrip", "shoppingTrip.authEvents.1.scanResult", "cartItems.0", "cartItems.0.quantity"]:
        content = changed(content, f"{path}.novelty", news)
    body = json.dumps(content | {"novelty": news}, ensure_ascii=False, indent=3).encode()

    answer = post(body)

    assert answer.status_code == 201
    assert bytes(Cart.objects.get().body) == body


# --- The same trip again ---


def test_second_delivery_of_a_trip_returns_the_first_purchase_id(store: Store, post: Post) -> None:
    content = full_cart(STORE)
    first = post(content).json()

    answers = [post(content) for _ in range(3)]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(201, first)] * 3
    assert Trip.objects.count() == Cart.objects.count() == 1
    assert not DivergentCart.objects.exists()


def test_replay_of_an_empty_cart_is_answered_with_an_empty_purchase_id(store: Store, post: Post) -> None:
    content = cart(STORE, cartItems=[])

    assert [post(content).json() for _ in range(2)] == [{"purchaseId": ""}] * 2
    assert Trip.objects.count() == 1


def reordered(content: Any) -> bytes:
    return json.dumps(dict(reversed(content.items())), indent=1).encode()


@pytest.mark.parametrize("spell", [encoded, reordered], ids=["as before", "spaces and another order of fields"])
def test_new_request_id_is_a_retry(spell: Any, store: Store, post: Post) -> None:
    content = full_cart(STORE)
    first = post(content).json()

    answer = post(spell(content | {"requestId": str(uuid.uuid4())}))

    assert (answer.status_code, answer.json()) == (201, first)
    assert Trip.objects.get().request_id == content["requestId"]
    assert bytes(Cart.objects.get().body) == encoded(content)
    assert not DivergentCart.objects.exists()


def test_replay_does_not_make_a_priced_trip_due_again(store: Store, post: Post) -> None:
    content = cart(STORE)
    post(content)
    Trip.objects.update(state="priced", next_attempt_at=None)

    post(content)

    assert Trip.objects.get().next_attempt_at is None


def test_a_trip_that_waits_for_its_price_is_always_due(store: Store, post: Post) -> None:
    """Else nobody would ever price it, and nobody be told."""
    post(cart(STORE))

    with pytest.raises(IntegrityError), transaction.atomic():
        Trip.objects.update(next_attempt_at=None)


def test_another_cart_for_a_known_trip_gets_the_first_answer_and_is_flagged(store: Store, post: Post) -> None:
    content = cart(STORE)
    first = post(content).json()
    other = changed(content, "cartItems.0.quantity.value", "2.0") | {"requestId": str(uuid.uuid4())}

    answer = post(other)

    trip = Trip.objects.get()
    assert (answer.status_code, answer.json()) == (201, first)
    assert bytes(trip.cart.body) == encoded(content)
    flagged = trip.divergent_carts.get()
    assert bytes(flagged.body) == encoded(other)
    assert flagged.request_id == other["requestId"]
    event = trip.events.get()
    assert (event.kind, event.actor) == (TripEvent.Kind.DIVERGED, "Amazon")


def test_another_cart_is_flagged_once_however_often_it_comes(store: Store, post: Post) -> None:
    content = cart(STORE)
    post(content)
    other = changed(content, "cartItems.0.quantity.value", "2.0")

    for _ in range(3):
        post(other | {"requestId": str(uuid.uuid4())})
    post(changed(content, "cartItems.0.quantity.value", "3.0"))

    trip = Trip.objects.get()
    assert trip.divergent_carts.count() == trip.events.count() == 2


def test_same_trip_of_another_store_of_ours_is_flagged(store: Store, post: Post) -> None:
    Store.objects.create(external_id="DEMO-2", name="2", region="us-east-1", time_zone="UTC", currency="USD")
    content = cart(STORE)
    first = post(content).json()

    answer = post(content | {"storeId": "DEMO-2"})

    assert (answer.status_code, answer.json()) == (201, first)
    assert Trip.objects.get().store == store
    assert DivergentCart.objects.count() == 1


def test_faulty_cart_for_a_known_trip_is_refused_and_changes_nothing(store: Store, post: Post) -> None:
    content = cart(STORE)
    post(content)

    answer = post(changed(content, "cartItems.0.quantity.unit", ...))

    assert answer.status_code == 400
    assert Trip.objects.count() == 1
    assert not DivergentCart.objects.exists()
