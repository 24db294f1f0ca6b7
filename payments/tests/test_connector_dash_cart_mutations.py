"""Paying by Dash Cart under random damage: an answer of the contract, never a 5xx, and never more than one entry."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from amazon.tests.bodies import Json, changed, encoded
from amazon.tests.mutations import EVERY_KIND, damaged, damaged_bytes, hurried, paths_in, random_bodies
from loyalty.models import Member
from orders.models import DashCartTotal
from payments.models import AccountEntry, DashCartCharge
from payments.tests.admin_rows import a_store
from stores.models import Store

AUTHORIZE = "/v1/order/authorize/charges"
CAPTURE = "/v1/order/capture/charges"
CANCEL = "/v1/order/cancel/charges"
CONTRACT = {AUTHORIZE: {200, 400, 401}, CAPTURE: {200, 400}, CANCEL: {200, 400}}
MORE: dict[str, Json] = {
    AUTHORIZE: {"paymentSources": [{"id": "MEMBER-1"}]},
    CAPTURE: {"authToken": "token"},
    CANCEL: {},
}

Send = Callable[[str, bytes], HttpResponse]


def body_for(path: str, trip_id: str = "TRIP-1") -> Json:
    return {
        "storeId": "dash-store",
        "shoppingTripId": trip_id,
        "requestOrigin": {"id": "cart-7", "type": "DASH_CART"},
        **MORE[path],
    }


@pytest.fixture
def store(db: None) -> Store:
    """With a trip that is held under a known token."""
    store = a_store("Dash store", has_dash_cart=True)
    member = Member.objects.create(external_id="MEMBER-1")
    known: Json = {"store": store, "amazon_trip_id": "TRIP-1", "currency": "USD"}
    DashCartTotal.objects.create(total=5, **known)
    DashCartCharge.objects.create(member=member, auth_token="token", **known)
    return store


@pytest.fixture
def send(client: Client) -> Send:
    client.raise_request_exception = False

    def send(path: str, body: bytes) -> HttpResponse:
        headers = {"x-api-key": "test-connector-key"}
        return client.generic("POST", path, body, CONTENT_TYPE="application/json", headers=headers)

    return send


def check(path: str, body: bytes, send: Send) -> None:
    answer = send(path, body)

    assert answer.status_code in CONTRACT[path], answer.content
    again = send(path, body)
    assert (again.status_code, again.content) == (answer.status_code, answer.content), "a replay is answered alike"
    assert AccountEntry.objects.count() <= 1
    if answer.status_code != 200:
        assert list(answer.json()) == ["errorMsg"]


@hurried(120)
@given(data=st.data())
@pytest.mark.parametrize("path", CONTRACT)
def test_damaged_bodies_never_break_the_connector(path: str, data: st.DataObject, store: Store, send: Send) -> None:
    def fresh(trip_id: str) -> Json:
        return body_for(path, trip_id)

    check(path, data.draw(st.one_of(damaged(fresh), damaged_bytes(fresh))), send)


@hurried(50)
@given(body=random_bodies)
@pytest.mark.parametrize("path", CONTRACT)
def test_random_bodies_are_refused(path: str, body: bytes, store: Store, send: Send) -> None:
    assert send(path, body).status_code == 400


@pytest.mark.parametrize(
    ("path", "place"), [(path, place) for path in CONTRACT for place in sorted(paths_in(body_for(path)))]
)
@pytest.mark.parametrize("value", EVERY_KIND)
def test_every_place_takes_every_kind_of_value(path: str, place: str, value: Any, store: Store, send: Send) -> None:
    check(path, encoded(changed(body_for(path), place, value)), send)
