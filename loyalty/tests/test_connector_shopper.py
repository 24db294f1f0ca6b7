"""POST /v1/identity/shopper: whom an associate or a Dash Cart has before it. Amazon: get_shopper."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from amazon.tests.bodies import Json, changed
from loyalty.models import Member, Scan
from loyalty.services.blocking import block_member
from loyalty.services.scan_keys import issue_scan_key
from loyalty.tests.conftest import Ask
from loyalty.tests.people import a_member
from loyalty.tests.questions import SHOPPER, base64_of, shopper, statements
from stores.models import Store

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PHONE = "+447700900123"


@pytest.fixture
def ada(store: Store) -> Member:
    return a_member("ada-1", "SHOPPER-CODE", phone=PHONE)


def found(id: str, type: str = "SHOPPER") -> Json:
    return {"visitorDetails": {"id": id, "type": type}, "shopperIdentity": {"id": id}, "id": id}


def by_phone(key: str) -> Json:
    return shopper(shopperKey=key, shopperKeyType="PHONE_NUMBER")


@pytest.mark.parametrize("key", [base64_of("SHOPPER-CODE"), f"{base64_of('SHOPPER-CODE')} ", "SHOPPER-CODE"])
def test_a_shopper_is_found_by_code(key: str, ada: Member, ask: Ask) -> None:
    answer = ask(SHOPPER, shopper(shopperKey=key))

    assert (answer.status_code, answer.json()) == (200, found("ada-1"))


@pytest.mark.parametrize("path", ["shopperKeyType", "timestamp"])
@pytest.mark.parametrize("value", [..., None])
def test_a_code_is_meant_unless_said_otherwise(path: str, value: Any, ada: Member, ask: Ask) -> None:
    assert ask(SHOPPER, changed(shopper(), path, value)).json() == found("ada-1")


def test_an_associate_is_found_as_such(store: Store, ask: Ask) -> None:
    a_member("staff-7", "BADGE-7", kind="ASSOCIATE")

    assert ask(SHOPPER, shopper("BADGE-7")).json() == found("staff-7", "ASSOCIATE")


@pytest.mark.parametrize(("scanned", "status"), [("2026-01-05T09:01:30Z", 200), ("2026-01-05T09:01:31Z", 404)])
def test_a_scan_key_finds_its_member_while_it_is_fresh(scanned: str, status: int, ada: Member, ask: Ask) -> None:
    with time_machine.travel(NOW, tick=False):
        key = issue_scan_key(ada)

    assert ask(SHOPPER, shopper(key, timestamp=scanned)).status_code == status


def test_a_scan_key_without_a_time_is_judged_by_our_clock(ada: Member, ask: Ask) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        key = issue_scan_key(ada)
        question = changed(shopper(key), "timestamp", ...)

        assert ask(SHOPPER, question).status_code == 200
        clock.shift(91)
        assert ask(SHOPPER, question).status_code == 404


@pytest.mark.parametrize(
    "key",
    [
        base64_of(PHONE),
        PHONE,
        "00447700900123",
        "447700900123",
        " 0044 7700-900 123",
        base64_of("+44 (7700) 900-123"),
        base64_of("00447700900123").rstrip("="),
    ],
)
def test_a_shopper_is_found_by_phone_number(key: str, ada: Member, ask: Ask) -> None:
    answer = ask(SHOPPER, by_phone(key))

    assert (answer.status_code, answer.json()) == (200, found("ada-1"))


@pytest.mark.parametrize("key", ["+447700900124", "7700900123", "+44770090012"])
def test_another_phone_number_finds_nobody(key: str, ada: Member, ask: Ask) -> None:
    assert ask(SHOPPER, by_phone(key)).status_code == 404


def test_a_number_of_two_members_names_neither(ada: Member, ask: Ask) -> None:
    a_member("bob-1", phone=PHONE)

    assert ask(SHOPPER, by_phone(PHONE)).status_code == 404


def test_a_member_without_a_phone_is_not_found_by_an_empty_number(store: Store, ask: Ask) -> None:
    a_member("bob-1", "BOBS-CODE")

    assert ask(SHOPPER, by_phone("  ")).status_code == 400


@pytest.mark.parametrize("key", ["NOBODYS-CODE", "ada-1", "§§§", base64_of(b"\xff\x00")])
def test_an_unknown_code_finds_nobody(key: str, ada: Member, ask: Ask) -> None:
    answer = ask(SHOPPER, shopper(shopperKey=key))

    assert (answer.status_code, list(answer.json())) == (404, ["errorMsg"])


@pytest.mark.parametrize("question", [shopper(), by_phone(PHONE)])
def test_a_blocked_shopper_is_not_found(question: Json, ada: Member, ask: Ask) -> None:
    block_member(ada, reason="Took the trolley home")

    assert ask(SHOPPER, question).status_code == 404


MALFORMED: dict[str, tuple[str, Any]] = {
    "no requestId": ("requestId", ...),
    "bad requestId": ("requestId", "string"),
    "no shopperKey": ("shopperKey", ...),
    "empty shopperKey": ("shopperKey", ""),
    "shopperKey too long": ("shopperKey", "x" * 1001),
    "bad shopperKeyType": ("shopperKeyType", "FACE"),
    "no storeId": ("storeId", ...),
    "unknown storeId": ("storeId", "NOT-OURS"),
    "storeId too long": ("storeId", "x" * 256),
    "bad timestamp": ("timestamp", "yesterday"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_broken_body_is_refused_and_the_field_named(case: str, ada: Member, ask: Ask) -> None:
    path, value = MALFORMED[case]

    answer = ask(SHOPPER, changed(shopper(), path, value))

    assert answer.status_code == 400
    assert answer.json()["errorMsg"].startswith(f"{path}: ")


def test_a_key_that_is_no_phone_number_is_malformed(ada: Member, ask: Ask) -> None:
    answer = ask(SHOPPER, by_phone("SHOPPER-CODE"))

    assert answer.status_code == 400
    assert answer.json()["errorMsg"].startswith("shopperKey: ")
    assert "SHOPPER-CODE" not in answer.json()["errorMsg"]


def test_asking_for_a_shopper_changes_nothing_and_takes_two_statements(ada: Member, ask: Ask) -> None:
    counts = [statements(ask, SHOPPER, question) for question in (shopper(), shopper(), by_phone(PHONE))]

    assert max(counts) <= 2
    assert not Scan.objects.exists()
