"""GetShopperIdentity: Amazon's cases, numbered as on its page (get_shopper_identity_testing)."""

import string
from typing import Any

import pytest

from sandbox.tests.signed_calls import STORE, Caller, Received

EVERY_CHARACTER = string.digits + string.ascii_letters + "_.-"
EMAIL = "shopper@example.com"


def asked(caller: Caller, shopper_id: Any, **others: Any) -> Received:
    return caller.call("shopper-identity", {"storeId": STORE, "shopperId": {"id": shopper_id}} | others)


def register(caller: Caller, *shoppers: tuple[str, str]) -> Received:
    content = [{"shopperId": shopper_id, "email": email} for shopper_id, email in shoppers]
    return caller.control("POST", "/sandbox/shoppers", {"shoppers": content})


def test_1_and_17_a_registered_shopper(caller: Caller) -> None:
    assert register(caller, ("other", "other@example.com"), (EVERY_CHARACTER, EMAIL)).content == {"registered": 2}

    answer = asked(caller, EVERY_CHARACTER)

    assert (answer.status, answer.content) == (200, {"shopperEmail": EMAIL})


def test_18_an_unknown_shopper_is_no_error(caller: Caller) -> None:
    answer = asked(caller, "nobody")

    assert (answer.status, answer.content) == (200, {})


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("2", {"storeId": "INVALID@STORE#ID"}),
    ("3", {"storeId": None}),
    ("4", {"shopperId": None}),
    ("5", {"shopperId": {}}),
    ("6", {"storeId": 12345, "shopperId": {"id": True}}),
    ("7", {"storeId": "store id"}),
    ("8", {"shopperId": {"id": "a@b"}}),
    ("9", {"storeId": "s" * 256}),
    ("10", {"shopperId": {"id": "s" * 256}}),
    ("14", {"storeId": "", "shopperId": {"id": ""}}),
    ("15", {"shopperId": {"id": None}}),
    ("16", {"shopperId": {"id": " "}}),
    ("text for an object", {"shopperId": "shopper-1"}),
]


@pytest.mark.parametrize(("number", "change"), REFUSED)
def test_a_documented_refusal(caller: Caller, number: str, change: dict[str, Any]) -> None:
    answer = asked(caller, "shopper-1", **change)

    assert (answer.status, answer.content) == (400, {"errorMsg": "BadRequestException"}), number


@pytest.mark.parametrize("status", [429, 500, 503])
def test_11_to_13_trouble(caller: Caller, status: int) -> None:
    fault = {"kind": "status", "operation": "shopper-identity", "status": status}
    caller.control("POST", "/sandbox/faults", fault)

    assert [asked(caller, "nobody").status for _ in range(2)] == [status, 200]


def test_a_caller_without_a_signature(caller: Caller) -> None:
    assert caller.control("POST", "/v1/identity/shopper", {"storeId": STORE}).status == 403


def test_the_last_e_mail_counts(caller: Caller) -> None:
    register(caller, ("shopper-1", "old@example.com"))
    register(caller, ("shopper-1", EMAIL))

    assert asked(caller, "shopper-1").content == {"shopperEmail": EMAIL}


@pytest.mark.parametrize(
    "wrong", [("shopper 2", EMAIL), ("shopper-2", "example.com"), ("shopper-2", f"{'s' * 128}@example.com")]
)
def test_one_wrong_registration_registers_none(caller: Caller, wrong: tuple[str, str]) -> None:
    assert register(caller, ("shopper-1", EMAIL), wrong).status == 400
    assert asked(caller, "shopper-1").content == {}


@pytest.mark.parametrize("content", [[], {}, {"shoppers": [5]}])
def test_a_registration_has_a_shape(caller: Caller, content: Any) -> None:
    assert caller.control("POST", "/sandbox/shoppers", content).status == 400


def test_no_e_mail_is_logged(caller: Caller, caplog: pytest.LogCaptureFixture) -> None:
    register(caller, ("shopper-1", EMAIL))

    with caplog.at_level("INFO", logger="sandbox"):
        asked(caller, "shopper-1")

    assert caplog.messages == ["shopper-identity - 200"]
