"""POST /v1/order/purchases under random damage: an answer of the contract, never a 5xx, and a 4xx stores nothing."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.models import Cart, DivergentCart, Trip
from orders.tests.amazon_carts import Json, changed, encoded, full_cart
from orders.tests.conftest import Post
from stores.models import Store

CONTRACT = {201, 400, 403, 413, 415}
EXAMPLES = 150


def paths_in(value: Any, path: str = "") -> Iterator[str]:
    """Every place in the JSON value, as `changed` spells it."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        place = f"{path}.{key}" if path else str(key)
        yield place
        yield from paths_in(member, place)


CART = full_cart("DEMO-CARD")
PATHS = sorted(paths_in(CART))
OBJECTS = sorted(path for path in PATHS if path.endswith(("shoppingTrip", "quantity", "scanResult", "Items.0", "s.1")))

numbers = st.one_of(st.integers(), st.floats(), st.sampled_from([2**63, 10**30, -0.0, 1e300, 10**400]))
texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from([0, 1, 255, 256, 5000]).map("x".__mul__),
    st.sampled_from(
        ["\0", "NaN", "1e400", "-1", "0", "9999999999", "2026-01-05T09:00:00+14:00", "\ud800", "1.0\n", "１"]
    ),
)
junk = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def damaged_carts(draw: st.DrawFn) -> bytes:
    """The full cart of a new trip with one to three places dropped, replaced or grown."""
    content: Json = CART | {"idempotentShoppingTripId": str(uuid.UUID(int=draw(st.integers(0, 2**128 - 1))))}
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.one_of(st.sampled_from(PATHS), st.sampled_from(OBJECTS).map(lambda path: f"{path}.novelty")))
        try:
            content = changed(content, place, draw(st.one_of(st.just(...), junk)))
        except (KeyError, IndexError, TypeError):  # an earlier change took the place away
            continue
    return encoded(content)


@st.composite
def damaged_bytes(draw: st.DrawFn) -> bytes:
    """A sound cart with bytes lost, added or replaced somewhere."""
    body = encoded(CART | {"idempotentShoppingTripId": draw(st.uuids().map(str))})
    at = draw(st.integers(0, len(body)))
    return body[:at] + draw(st.binary(max_size=8)) + body[at + draw(st.integers(0, 8)) :]


def stored() -> tuple[int, int, int]:
    return Trip.objects.count(), Cart.objects.count(), DivergentCart.objects.count()


hurried = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


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


@hurried
@given(body=damaged_carts())
def test_damaged_cart_never_breaks_the_connector(body: bytes, store: Store, post: Post) -> None:
    check(body, post)


@hurried
@given(body=damaged_bytes())
def test_damaged_bytes_never_break_the_connector(body: bytes, store: Store, post: Post) -> None:
    check(body, post)


@hurried
@given(body=st.one_of(st.binary(max_size=200), junk.map(encoded)))
def test_random_bodies_are_refused(body: bytes, store: Store, post: Post) -> None:
    assert post(body).status_code == 400
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("value", [..., None, True, 0, -1.5, "", "x" * 256, [], {}, [[]], {"a": {"b": None}}])
def test_every_place_of_the_cart_takes_every_kind_of_value(path: str, value: Any, store: Store, post: Post) -> None:
    check(encoded(changed(CART, path, value)), post)
