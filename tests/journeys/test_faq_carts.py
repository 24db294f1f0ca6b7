"""The carts of Amazon's FAQ, as they stand there, from the gate to a refund: every door is the real one."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from conftest import TEST_KEYS
from loyalty.models import Member
from orders.models import DivergentCart, Trip
from orders.states import Entry, TripState
from orders.tasks import price_due
from orders.tests.amazon_carts import FAQ_CARTS, faq_cart
from payments.models import AccountEntry
from payments.tasks import collect_due, fetch_cards_due, send_refunds_due
from payments.tests.trips import a_store, assert_books_agree
from sandbox.testing import SandboxProcess
from stores.models import PaymentFlow, Product, Store

pytestmark = pytest.mark.django_db

STORE = "DEMO-CARD"
TRIP = "41bc23b6-c9a8-41f4-8898-54120ddff5d9"
AMAZON = {"x-api-key": "test-connector-key"}
RETAILER = {"Authorization": "Bearer test-write-key"}


@pytest.fixture
def amazon(settings: Any) -> Iterator[SandboxProcess]:
    """A sandbox of its own, since the FAQ's carts all have one trip id; it adopts them as the demo's does."""
    with SandboxProcess(adopt=True, **TEST_KEYS) as process:
        settings.AMAZON_PAYMENTS_URL = process.url
        yield process


@pytest.fixture(autouse=True)
def shop(db: None) -> None:
    store = a_store(STORE, app_flow=PaymentFlow.PAYMENT_SERVICE)
    Product.objects.create(store=store, sku="WATER-500", name="Water", price=Decimal("1.50"))


def post_cart(client: Client, name: str) -> str:
    body = faq_cart(name, store=STORE)
    answer = client.post("/v1/order/purchases", body, content_type="application/json", headers=AMAZON)
    assert answer.status_code == 201, answer.content
    purchase_id: str = answer.json()["purchaseId"]
    return purchase_id


def a_worker_ticks() -> None:
    for task in (price_due, collect_due, fetch_cards_due, send_refunds_due):
        task()


def shown(client: Client) -> dict[str, Any]:
    content: dict[str, Any] = client.get(f"/api/v1/trips/{TRIP}/", headers=RETAILER).json()
    return content


def ask_for_refund(client: Client, key: str, **fields: Any) -> tuple[int, dict[str, Any]]:
    body = {"refund_request_id": key, "reason": "DAMAGED_ITEM", **fields}
    answer = client.post(
        f"/api/v1/trips/{TRIP}/refunds/", json.dumps(body), content_type="application/json", headers=RETAILER
    )
    return answer.status_code, answer.json()


@pytest.mark.parametrize("name", FAQ_CARTS)
def test_a_cart_is_captured_and_a_line_of_it_refunded_once(client: Client, amazon: SandboxProcess, name: str) -> None:
    assert post_cart(client, name) == Trip.objects.get().purchase_id
    a_worker_ticks()

    paid, known = shown(client), amazon.trip(TRIP)
    assert (paid["state"], paid["total"], paid["captured"], paid["refundable"]) == ("paid", "1.50", "1.50", "1.50")
    assert paid["card"] == {"brand": known["brand"], "last_four": known["tail"]}
    assert (known["captures"], known["captured"]) == (1, "1.50")

    key, line = str(uuid4()), [{"sku": "WATER-500", "quantity": "1"}]
    first = ask_for_refund(client, key, lines=line)
    second_click = ask_for_refund(client, key, lines=line)
    another_tab = ask_for_refund(client, str(uuid4()), lines=line)
    a_worker_ticks()

    assert [first[0], second_click[0], another_tab[0]] == [201, 200, 409]
    refunded = shown(client)
    assert [(refund["state"], refund["amount"]) for refund in refunded["refunds"]] == [("done", "1.50")]
    assert Decimal(refunded["lines"][0]["refunded_quantity"]) == 1
    assert (refunded["refunded"], refunded["refundable"]) == ("1.50", "0.00")
    assert amazon.trip(TRIP)["refunds"] == 1
    assert_books_agree(amazon, Trip.objects.get())


def test_the_app_cart_of_a_member_is_paid_by_house_account_and_given_back_there(client: Client) -> None:
    Store.objects.update(app_flow=PaymentFlow.OWN_PROCESSOR)
    Member.objects.create(external_id=json.loads(faq_cart("cart_app_entry", store=STORE))["shopperIdentity"]["id"])
    post_cart(client, "cart_app_entry")
    a_worker_ticks()
    paid = shown(client)

    ask_for_refund(client, str(uuid4()), lines=[{"sku": "WATER-500", "quantity": "1"}])
    a_worker_ticks()

    assert (paid["state"], paid["captured"]) == ("paid", "1.50")
    assert shown(client)["refunded"] == "1.50"
    assert list(AccountEntry.objects.values_list("amount", flat=True)) == [Decimal("1.50"), Decimal("-1.50")]


def test_the_entry_is_what_the_faq_says_it_is(client: Client) -> None:
    for name, entry in zip(FAQ_CARTS, [Entry.APP, Entry.CARD, Entry.CARD], strict=True):
        post_cart(client, name)

        assert Trip.objects.get().entry == entry
        Trip.objects.get().cart.delete()
        Trip.objects.all().delete()


def test_posted_one_after_the_other_they_are_one_trip_and_the_first_one_stands(
    client: Client, amazon: SandboxProcess
) -> None:
    purchase_ids = {post_cart(client, name) for name in FAQ_CARTS}
    a_worker_ticks()

    trip = Trip.objects.get()
    assert purchase_ids == {trip.purchase_id}
    assert (trip.entry, trip.state) == (Entry.APP, TripState.PAID)
    assert DivergentCart.objects.count() == 2
    assert amazon.trip(TRIP)["captures"] == 1
