"""POST /v1/order/purchases under random damage: an answer of the contract, never a 5xx, and a 4xx stores nothing."""

import json
from typing import Any

import pytest
from hypothesis import given

from amazon.tests.bodies import Json, changed, encoded
from amazon.tests.mutations import EVERY_KIND, damaged, damaged_bytes, hurried, paths_in, random_bodies
from orders.models import Cart, DivergentCart, Trip
from orders.tests.amazon_carts import full_cart
from orders.tests.conftest import Post
from stores.models import Store

CONTRACT = {201, 400, 403, 413, 415}
EXAMPLES = 150

CART = full_cart("DEMO-CARD")
PATHS = sorted(paths_in(CART))


def cart_of_trip(trip_id: str) -> Json:
    return CART | {"idempotentShoppingTripId": trip_id}


def stored() -> tuple[int, int, int]:
    return Trip.objects.count(), Cart.objects.count(), DivergentCart.objects.count()


def check(body: bytes, post: Post) -> None:
    before = stored()

    answer = post(body)

    assert answer.status_code in CONTRACT
    if answer.status_code == 201:
        purchase = json.loads(answer.content)["purchaseId"]
        assert post(body).json() == {"purchaseId": purchase}, "a replay is answered alike"
        trip_id = json.loads(body.decode(errors="replace"))["idempotentShoppingTripId"]
        assert Cart.objects.filter(trip__amazon_trip_id=trip_id).exists()
    else:
        assert list(json.loads(answer.content)) == ["errorMsg"]
        assert stored() == before


@hurried(EXAMPLES)
@given(body=damaged(cart_of_trip))
def test_damaged_cart_never_breaks_the_connector(body: bytes, store: Store, post: Post) -> None:
    check(body, post)


@hurried(EXAMPLES)
@given(body=damaged_bytes(cart_of_trip))
def test_damaged_bytes_never_break_the_connector(body: bytes, store: Store, post: Post) -> None:
    check(body, post)


@hurried(EXAMPLES)
@given(body=random_bodies)
def test_random_bodies_are_refused(body: bytes, store: Store, post: Post) -> None:
    assert post(body).status_code == 400
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("value", EVERY_KIND)
def test_every_place_of_the_cart_takes_every_kind_of_value(path: str, value: Any, store: Store, post: Post) -> None:
    check(encoded(changed(CART, path, value)), post)
