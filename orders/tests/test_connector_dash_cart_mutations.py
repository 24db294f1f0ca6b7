"""A Dash Cart's questions about prices under random damage: an answer of the contract, never a 5xx."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from amazon.tests.bodies import Json, changed, encoded
from amazon.tests.mutations import EVERY_KIND, damaged, damaged_bytes, hurried, paths_in, random_bodies
from orders.models import DashCartTotal
from orders.tests.dash_carts import (
    PREVIEW_V1,
    PREVIEW_V2,
    PRODUCT,
    Send,
    full_preview_question,
    product_question,
    sender,
)
from stores.models import Barcode, Product, Store

STORE = "DEMO-CARD"
CONTRACT = {PRODUCT: {200, 400, 404}, PREVIEW_V1: {200, 400}, PREVIEW_V2: {200, 400}}


def fresh_product(trip_id: str) -> Json:
    return product_question(STORE, trip_id=trip_id)


def fresh_preview(trip_id: str) -> Json:
    return full_preview_question(STORE, trip_id)


FRESH: dict[str, Callable[[str], Json]] = {
    PRODUCT: fresh_product,
    PREVIEW_V1: fresh_preview,
    PREVIEW_V2: fresh_preview,
}


@pytest.fixture
def shelf(store: Store) -> Store:
    store.has_dash_cart = True
    store.save()
    water = Product.objects.create(
        store=store, sku="WATER-500", name="Water", price=Decimal("1.50"), tax_rate=Decimal("8.25")
    )
    Barcode(product=water, code="0123456789").save()
    return store


@pytest.fixture
def send(client: Client) -> Send:
    client.raise_request_exception = False
    return sender(client)


def check(path: str, body: bytes, send: Send) -> None:
    answer = send(path, body)

    assert answer.status_code in CONTRACT[path], answer.content
    if answer.status_code == 200:
        again = send(path, body)
        assert (again.status_code, again.content) == (200, answer.content), "a replay is answered alike"
    else:
        assert list(answer.json()) == ["errorMsg"]


@hurried(150)
@given(data=st.data())
@pytest.mark.parametrize("path", FRESH)
def test_damaged_questions_never_break_the_connector(path: str, data: st.DataObject, shelf: Store, send: Send) -> None:
    body = data.draw(st.one_of(damaged(FRESH[path]), damaged_bytes(FRESH[path])))
    check(path, body, send)


@hurried(50)
@given(body=random_bodies)
@pytest.mark.parametrize("path", FRESH)
def test_random_bodies_are_refused(path: str, body: bytes, shelf: Store, send: Send) -> None:
    assert send(path, body).status_code == 400
    assert not DashCartTotal.objects.exists()


@pytest.mark.parametrize(
    ("path", "place"), [(path, place) for path, fresh in FRESH.items() for place in sorted(paths_in(fresh("T-1")))]
)
@pytest.mark.parametrize("value", EVERY_KIND)
def test_every_place_takes_every_kind_of_value(path: str, place: str, value: Any, shelf: Store, send: Send) -> None:
    check(path, encoded(changed(FRESH[path]("T-1"), place, value)), send)
