"""The gate, against a connector that only remembers what it was sent."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from django.core.management.base import CommandError

from sandbox.connector import ConnectorError
from sandbox.gate import Gate
from sandbox.management.commands.send_trip import Command
from sandbox.random_visits import random_visits
from sandbox.shops import SHOPS, shop_of
from sandbox.tests.scripted_connector import Answered, Asked, ScriptedConnector, served
from sandbox.tests.signed_calls import Caller

CART = {
    "requestId": "2997e9d1-3111-4971-9bff-b3903a0e7c87",
    "idempotentShoppingTripId": "41bc23b6-c9a8-41f4-8898-54120ddff5d9",
    "storeId": "<INSERT_STORE_ID>",
    "shoppingTrip": {
        "startTime": "2026-01-05T09:00:00Z",
        "endTime": "2026-01-05T09:04:00Z",
        "authEvents": [{"id": "e1", "authLocation": "ENTRY", "payloadType": "FINANCIAL"}],
    },
    "cartItems": [{"id": "<TEST_SKU>", "type": "SKU", "quantity": {"value": "1.0", "unit": "unit"}}],
}


class Connector(ScriptedConnector):
    """Takes carts: answers the statuses in turn, then 201 for ever. It knows nothing of what is asked before."""

    def __init__(self) -> None:
        super().__init__({"/v1/order/purchases": self.take_in})
        self.statuses: list[int] = []

    def take_in(self, _asked: Asked) -> Answered:
        status = self.statuses.pop(0) if self.statuses else 201
        return Answered(status, {"purchaseId": "P1"} if status == 201 else {"errorMsg": "no such store"})

    @property
    def bodies(self) -> list[bytes]:
        return [asked.body for asked in self.asked if asked.path == "/v1/order/purchases"]


@pytest.fixture
def connector() -> Iterator[Connector]:
    with served(Connector()) as server:
        yield server


@pytest.fixture
def gate(connector: Connector, caller: Caller) -> Gate:
    return Gate(connector.url, "key-1", caller.url, pause=0)


@pytest.fixture
def send_trip(connector: Connector, caller: Caller) -> Callable[..., list[str]]:
    def run(*arguments: str) -> list[str]:
        command = Command(stdout=StringIO(), stderr=StringIO(), no_color=True)
        addresses = ["--connector-url", connector.url, "--sandbox-url", caller.url]
        options = vars(command.create_parser("manage.py", "send_trip").parse_args([*addresses, *arguments]))
        command.handle(**options)
        return str(command.stdout.getvalue()).splitlines()  # type: ignore[attr-defined]

    return run


@pytest.fixture
def cart_file(tmp_path: Path) -> str:
    path = tmp_path / "cart.json"
    path.write_text(json.dumps(CART))
    return str(path)


def test_a_file_is_filled_in_staged_and_sent(
    send_trip: Callable[..., list[str]], cart_file: str, connector: Connector, caller: Caller
) -> None:
    lines = send_trip(cart_file, "--store", "DEMO-COMBO", "--sku", "CRISPS", "--key", "secret")

    assert lines == [f"{CART['idempotentShoppingTripId']}  DEMO-COMBO  1 item  201  P1"]
    sent = json.loads(connector.bodies[0])
    assert (sent["storeId"], sent["cartItems"][0]["id"]) == ("DEMO-COMBO", "CRISPS")
    assert [asked.headers["x-api-key"] for asked in connector.asked] == ["secret"]  # and nothing else was asked
    books = caller.books(str(CART["idempotentShoppingTripId"]))
    assert (books["store_id"], books["currency"], books["preauthorized"]) == ("DEMO-COMBO", "GBP", "50.00")


def test_new_ids_make_a_new_trip_each_time(
    send_trip: Callable[..., list[str]], cart_file: str, connector: Connector
) -> None:
    send_trip(cart_file, "--new-ids", "--count", "3")

    carts = [json.loads(body) for body in connector.bodies]
    assert len({cart["idempotentShoppingTripId"] for cart in carts} | {CART["idempotentShoppingTripId"]}) == 4
    assert len({cart["requestId"] for cart in carts}) == 3


def test_random_trips_are_repeated_by_their_seed(send_trip: Callable[..., list[str]], caller: Caller) -> None:
    first = send_trip("--random", "--count", "5", "--seed", "3")

    assert len(first) == 5
    assert send_trip("--random", "--count", "5", "--seed", "3") == first


def test_a_5xx_is_tried_three_times_with_the_same_body(gate: Gate, connector: Connector) -> None:
    connector.statuses = [500, 503]

    assert gate.send(CART).status == 201
    assert len(connector.bodies) == 3
    assert len(set(connector.bodies)) == 1


@pytest.mark.parametrize(
    ("statuses", "sentence", "may_pass"),
    [([403], "--key", False), ([404], "--connector-url", False), ([400], "--store", False), ([500] * 3, "500", True)],
)
def test_a_refusal_is_a_sentence_with_the_cure(
    gate: Gate, connector: Connector, statuses: list[int], sentence: str, may_pass: bool
) -> None:
    connector.statuses = statuses

    with pytest.raises(ConnectorError, match=sentence) as refusal:
        gate.send(CART)
    assert refusal.value.may_pass is may_pass


def test_nobody_at_the_connector_or_the_sandbox(send_trip: Callable[..., list[str]], cart_file: str) -> None:
    nobody = "http://127.0.0.1:9"

    with pytest.raises(CommandError, match="No connector answers"):
        send_trip(cart_file, "--connector-url", nobody)
    with pytest.raises(CommandError, match="No sandbox answers"):
        send_trip(cart_file, "--sandbox-url", nobody)


def test_a_paced_gate_goes_on_after_trouble_that_may_pass(
    send_trip: Callable[..., list[str]], cart_file: str, connector: Connector
) -> None:
    connector.statuses = [500, 500, 500]

    assert len(send_trip(cart_file, "--per-minute", "6000", "--count", "3")) == 2

    connector.statuses = [403]
    with pytest.raises(CommandError, match="refused the key"):
        send_trip(cart_file, "--per-minute", "6000")


@pytest.mark.parametrize("arguments", [[], ["--random", "--store", "NOWHERE"], ["/no/such/file"], ["--random", "x"]])
def test_a_request_that_makes_no_sense(send_trip: Callable[..., list[str]], arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        send_trip(*arguments)


def test_random_visits_are_of_every_kind() -> None:
    visits = list(islice(random_visits(Random(1)), 1500))
    carts = [visit.cart for visit in visits]
    ids = [cart["idempotentShoppingTripId"] for cart in carts]
    events = [event for cart in carts for event in cart["shoppingTrip"]["authEvents"]]
    items = [item for cart in carts for item in cart["cartItems"]]

    assert {cart["storeId"] for cart in carts} == {"DEMO-CARD", "DEMO-COMBO", "DEMO-CHECKOUT"}
    assert {name for event in events for name in event} >= {"timestamp", "eventTimestamp", "location", "authLocation"}
    assert {event["payloadType"] for event in events} == {"FINANCIAL", "SCAN_CODE"}
    assert {len(cart["cartItems"]) for cart in carts} >= set(range(9))
    assert {item["type"] for item in items} == {"SKU", "SCANCODE"}
    assert {item["quantity"]["value"] for item in items} >= {"1.0", "2.0"}
    assert {item["quantity"]["unit"] for item in items} == {"unit", "kg"}
    assert any("scanResult" in event for event in events)
    assert any(item["id"] == "NOT-IN-CATALOG" for item in items)
    assert any(visit.is_replay for visit in visits)
    assert any(visit.risks for visit in visits)
    assert {str(visit.guest) for visit in visits} >= {"None", "DEMO-MEMBER-1", "DEMO-BLOCKED-CODE", "CODE-OF-NOBODY"}
    assert {visit.leaves_no_cart for visit in visits if str(visit.guest) == "DEMO-ASSOCIATE-CODE"} == {True, False}
    assert {trip_id[:-37] for trip_id in ids} - {""} == {
        "declined-payment-trip-uuid",
        "pending-processing-trip-uuid",
        "partly-authorized-trip-uuid",
    }


def test_cards_come_back_and_those_that_decline_are_few() -> None:
    visits = [visit for visit in islice(random_visits(Random(3)), 4000) if visit.guest is None and not visit.is_replay]
    seen = Counter(visit.cart["shopperIdentity"]["id"] for visit in visits)
    declining = {
        visit.cart["shopperIdentity"]["id"]
        for visit in visits
        if visit.cart["idempotentShoppingTripId"].startswith(("declined", "partly"))
    }

    assert max(seen.values()) > 10
    assert {seen[shopper] > 1 for shopper in declining} == {True, False}
    assert sum(seen[shopper] for shopper in declining) < len(visits) / 8


def test_every_shop_sends_what_it_sells() -> None:
    for shop in SHOPS:
        visits = islice(random_visits(Random(2), shop_of(shop.store_id)), 200)
        sold = {item["id"] for visit in visits for item in visit.cart["cartItems"] if item["type"] == "SKU"}
        assert sold - {"NOT-IN-CATALOG"} == set(shop.skus)
