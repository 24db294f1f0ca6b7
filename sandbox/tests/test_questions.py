"""What the gate asks the retailer before it opens, and what becomes of the answers."""

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from sandbox.connector import ConnectorError
from sandbox.gate import Delivery, Gate, NoDelivery
from sandbox.random_visits import Visit
from sandbox.shoppers import Guest
from sandbox.tests.scripted_connector import Answered, Asked, Script, ScriptedConnector, served
from sandbox.tests.signed_calls import Caller

IDENTITY = "/v1/identity/identity-keys"
SCAN = "/v1/identity/scan"
DETAILS = "/v1/identity/scan/details"
AUTHORIZATION = "/v1/fraudandabuse/shopperauthorization"
PURCHASES = "/v1/order/purchases"
SCAN_KEY = "/api/v1/members/MEMBER-1/scan-key/"

FIRST, SECOND, THIRD = (f"b49bee24-ae68-4bfd-bbbf-1793c4b6f40{number}" for number in (1, 2, 3))
TRIP = "41bc23b6-c9a8-41f4-8898-54120ddff5d9"


def always(status: int, content: Any = None) -> Script:
    return lambda _asked: Answered(status, content)


def entry(event_id: str, payload_type: str) -> dict[str, Any]:
    return {"id": event_id, "authLocation": "ENTRY", "payloadType": payload_type}


def loyalty(code: str) -> dict[str, Any]:
    scan = {"scanResult": {"id": code, "type": "LOYALTY"}}
    return {"id": THIRD, "location": "MANUAL_IN_STORE", "payloadType": "SCAN_CODE"} | scan


def cart(*events: dict[str, Any]) -> dict[str, Any]:
    return {
        "requestId": "2997e9d1-3111-4971-9bff-b3903a0e7c87",
        "idempotentShoppingTripId": TRIP,
        "storeId": "DEMO-COMBO",
        "shoppingTrip": {"authEvents": list(events)},
        "cartItems": [],
        "shopperIdentity": {"id": "card-of-ada"},
    }


CARD = Visit(cart(entry(FIRST, "FINANCIAL")))
APP = Visit(cart(entry(FIRST, "SCAN_CODE")), guest=Guest("CODE-1"))
GROUP = Visit(cart(entry(FIRST, "SCAN_CODE"), entry(SECOND, "SCAN_CODE")), guest=Guest("CODE-1", "MEMBER-1"))
WITH_LOYALTY = Visit(cart(entry(FIRST, "FINANCIAL"), loyalty("LOY-1")))


@pytest.fixture
def connector() -> Iterator[ScriptedConnector]:
    with served(ScriptedConnector({PURCHASES: always(201, {"purchaseId": "P1"})})) as server:
        yield server


@pytest.fixture
def gate(connector: ScriptedConnector, caller: Caller) -> Gate:
    return Gate(connector.url, "key-1", caller.url, app_key="write-key", pause=0)


Sent = Callable[[], dict[str, Any]]


@pytest.fixture
def sent(connector: ScriptedConnector) -> Sent:
    """The only cart."""

    def sent() -> dict[str, Any]:
        (only,) = connector.asked_at(PURCHASES)
        found: dict[str, Any] = only
        return found

    return sent


def test_the_visitors_id_becomes_the_shopper_of_the_cart(gate: Gate, connector: ScriptedConnector, sent: Sent) -> None:
    connector.scripts[IDENTITY] = always(200, {"visitorDetails": {"id": "M-7", "type": "SHOPPER"}})

    outcome = gate.visit(APP)

    (asked,) = connector.asked_at(IDENTITY)
    assert isinstance(outcome, Delivery)
    assert b64decode(asked["identityKey"]) == b"CODE-1"
    assert (asked["storeId"], asked["authEvent"]["id"], asked["authEvent"]["location"]) == (
        "DEMO-COMBO",
        FIRST,
        "ENTRY",
    )
    assert sent()["shopperIdentity"] == {"id": "M-7"}
    assert sent()["shoppingTrip"]["authEvents"][0]["id"] == FIRST


def test_a_group_shows_one_fresh_scan_key(gate: Gate, connector: ScriptedConnector, sent: Sent) -> None:
    keys = iter(range(9))

    def issue(asked: Asked) -> Answered:
        assert asked.headers["Authorization"] == "Bearer write-key"
        return Answered(201, {"scan_key": f"KEY{next(keys)}"})

    connector.scripts |= {
        SCAN_KEY: issue,
        IDENTITY: always(200, {"visitorDetails": {"id": "M-1", "type": "SHOPPER"}}),
    }

    gate.visit(GROUP)

    asked = connector.asked_at(IDENTITY)
    assert [b64decode(each["identityKey"]) for each in asked] == [b"KEY0", b"KEY0"]
    assert [each["authEvent"]["id"] for each in asked] == [FIRST, SECOND]
    assert asked[0]["requestId"] != asked[1]["requestId"]
    assert len(sent()["shoppingTrip"]["authEvents"]) == 2


def test_without_scan_keys_the_static_code_is_shown(gate: Gate, connector: ScriptedConnector) -> None:
    connector.scripts[IDENTITY] = always(200, {"visitorDetails": {"id": "M-1", "type": "SHOPPER"}})

    gate.visit(GROUP)

    assert b64decode(connector.asked_at(IDENTITY)[0]["identityKey"]) == b"CODE-1"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (always(401, {"errorMsg": "this code opens no gate"}), "this code opens no gate"),
        (always(429, {"errorMsg": "too many"}), "429"),
        (always(500, {"errorMsg": "sorry"}), "500"),
        (always(200, {"visitorDetails": "Ada"}), "no visitorDetails.id"),
    ],
)
def test_whom_the_retailer_does_not_let_in_leaves_no_trip(
    gate: Gate, connector: ScriptedConnector, answer: Script, why: str
) -> None:
    connector.scripts[IDENTITY] = answer

    outcome = gate.visit(APP)

    assert isinstance(outcome, NoDelivery)
    assert str(outcome).startswith("CODE-1  DEMO-COMBO  refused at the gate: ")
    assert why in str(outcome)
    assert connector.asked_at(PURCHASES) == []


@pytest.mark.parametrize("status", [400, 403])
def test_a_gate_that_is_set_up_wrongly_says_so(gate: Gate, connector: ScriptedConnector, status: int) -> None:
    connector.scripts |= {IDENTITY: always(status), AUTHORIZATION: always(status)}

    for visit in (APP, CARD):
        with pytest.raises(ConnectorError, match=str(status)):
            gate.visit(visit)


def test_an_associate_comes_in_with_or_without_a_cart(gate: Gate, connector: ScriptedConnector, sent: Sent) -> None:
    connector.scripts[IDENTITY] = always(200, {"visitorDetails": {"id": "A-1", "type": "ASSOCIATE"}})

    outcome = gate.visit(Visit(APP.cart, guest=APP.guest, leaves_no_cart=True))
    assert str(outcome) == "CODE-1  DEMO-COMBO  came in, no cart"
    assert connector.asked_at(PURCHASES) == []

    gate.visit(APP)
    assert sent()["shoppingTrip"]["authEvents"][0]["scanResult"] == {"id": "A-1", "type": "ASSOCIATE"}


def test_a_card_is_asked_about_and_its_hold_is_staged(
    gate: Gate, connector: ScriptedConnector, caller: Caller, sent: Sent
) -> None:
    connector.scripts[AUTHORIZATION] = always(200, {"shopperAuthorized": True})

    gate.visit(CARD)

    (asked,) = connector.asked_at(AUTHORIZATION)
    interaction = asked["shopperInteraction"]
    assert (asked["storeId"], asked["shopperIdentity"]) == ("DEMO-COMBO", {"id": "card-of-ada"})
    assert asked["authorizedAmount"] == {"value": 50.0, "currencyCode": "GBP"}
    assert (interaction["shoppingTripId"], interaction["gateAuthenticationEvent"]["id"]) == (TRIP, FIRST)
    assert interaction["recommendation"] == {"shopperAuthorized": True, "shopperRisks": []}
    assert caller.books(TRIP)["preauthorized"] == "50.00"
    assert sent()["shopperIdentity"] == {"id": "card-of-ada"}


def test_the_retailer_lowers_the_hold(gate: Gate, connector: ScriptedConnector, caller: Caller) -> None:
    lower = [{"type": "ADJUST", "amount": {"value": 20, "currencyCode": "GBP"}}]
    connector.scripts[AUTHORIZATION] = always(200, {"shopperAuthorized": True, "authorizationConditions": lower})

    gate.visit(CARD)

    assert caller.books(TRIP)["preauthorized"] == "20.00"


@pytest.mark.parametrize("conditions", [None, "ADJUST", [{}], [{"type": "ADJUST", "amount": {"value": "much"}}]])
def test_a_condition_that_cannot_be_read_changes_nothing(
    gate: Gate, connector: ScriptedConnector, caller: Caller, conditions: Any
) -> None:
    answer = {"shopperAuthorized": True, "authorizationConditions": conditions}
    connector.scripts[AUTHORIZATION] = always(200, answer)

    gate.visit(CARD)

    assert caller.books(TRIP)["preauthorized"] == "50.00"


def test_a_card_that_is_denied_leaves_no_trip_and_no_hold(
    gate: Gate, connector: ScriptedConnector, caller: Caller
) -> None:
    connector.scripts[AUTHORIZATION] = always(200, {"shopperAuthorized": False, "shopperRisks": ["BadDebt"]})

    outcome = gate.visit(Visit(CARD.cart, risks=("CustomerFraud",)))

    advice = connector.asked_at(AUTHORIZATION)[0]["shopperInteraction"]["recommendation"]
    assert advice == {"shopperAuthorized": False, "shopperRisks": ["CustomerFraud"]}
    assert str(outcome) == f"{TRIP}  DEMO-COMBO  refused at the gate: BadDebt"
    assert connector.asked_at(PURCHASES) == []
    assert "trip_id" not in caller.books(TRIP)


def test_a_loyalty_code_becomes_what_it_stands_for(gate: Gate, connector: ScriptedConnector, sent: Sent) -> None:
    connector.scripts[SCAN] = always(200, {"id": "M-2", "type": "SHOPPER", "action": "ACCEPT"})

    gate.visit(WITH_LOYALTY)

    event = connector.asked_at(SCAN)[0]["scanEvent"]
    assert (event["id"], b64decode(event["value"]), event["location"]) == (THIRD, b"LOY-1", "MANUAL_IN_STORE")
    assert connector.asked_at(DETAILS) == [{"storeId": "DEMO-COMBO", "scanResult": {"id": "M-2", "type": "SHOPPER"}}]
    assert sent()["shoppingTrip"]["authEvents"][1]["scanResult"] == {"id": "M-2", "type": "SHOPPER"}


@pytest.mark.parametrize(
    "answer", [always(200, {"id": "x", "type": "SHOPPER", "action": "REJECT"}), always(401), always(500), always(200)]
)
def test_a_loyalty_code_that_is_rejected_leaves_no_trace(
    gate: Gate, connector: ScriptedConnector, sent: Sent, answer: Script
) -> None:
    connector.scripts[SCAN] = answer

    gate.visit(WITH_LOYALTY)

    assert [event["id"] for event in sent()["shoppingTrip"]["authEvents"]] == [FIRST]
    assert connector.asked_at(DETAILS) == []


@pytest.mark.parametrize("visit", [CARD, APP, GROUP, WITH_LOYALTY])
def test_a_connector_that_only_takes_carts_gets_them_as_they_were(gate: Gate, sent: Sent, visit: Visit) -> None:
    gate.visit(visit)

    assert sent() == visit.cart


def test_a_replay_is_the_delivered_cart_again_and_nobody_is_asked(gate: Gate, connector: ScriptedConnector) -> None:
    connector.scripts[IDENTITY] = always(200, {"visitorDetails": {"id": "M-7", "type": "SHOPPER"}})

    gate.visit(APP)
    gate.visit(Visit(APP.cart, guest=APP.guest, is_replay=True))

    first, second = connector.asked_at(PURCHASES)
    assert first == second
    assert len(connector.asked_at(IDENTITY)) == 1


def test_who_was_refused_asks_again_with_the_same_ids(gate: Gate, connector: ScriptedConnector) -> None:
    connector.scripts[IDENTITY] = always(401, {"errorMsg": "no"})

    gate.visit(APP)
    gate.visit(Visit(APP.cart, guest=APP.guest, is_replay=True))

    first, second = connector.asked_at(IDENTITY)
    assert first["requestId"] == second["requestId"]


def test_the_command_says_who_was_refused(connector: ScriptedConnector, caller: Caller) -> None:
    connector.scripts |= {
        IDENTITY: always(401, {"errorMsg": "no such code"}),
        AUTHORIZATION: always(200, {"shopperAuthorized": False}),
    }
    output = StringIO()
    addresses = ["--connector-url", connector.url, "--sandbox-url", caller.url]

    call_command("send_trip", "--random", "--count", "5", "--seed", "4", *addresses, stdout=output)

    lines = output.getvalue().splitlines()
    assert len(lines) == 5
    assert all("refused at the gate: " in line for line in lines), json.dumps(lines)
