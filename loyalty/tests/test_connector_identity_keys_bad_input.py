"""POST /v1/identity/identity-keys: the 400s, numbered as Amazon numbers them, and what is tolerated instead.

Amazon: verify_identity_keys_test_cases 3.x.
"""

from datetime import UTC, datetime
from typing import Any

import pytest

from amazon.tests.bodies import changed
from loyalty.models import Scan
from loyalty.tests.conftest import Ask
from loyalty.tests.people import a_member
from loyalty.tests.questions import KEYS, base64_of, identity_keys
from stores.models import Store

LONG = "x" * 256
EVENT = "authEvent"

# Case: where the question is changed, and to what (`...` drops the field).
REFUSED: dict[str, tuple[str, Any]] = {
    "3.1 no requestId": ("requestId", ...),
    "3.2 bad requestId": ("requestId", "not-a-uuid"),
    "3.2 requestId of another length": ("requestId", "11111111-2222-3333-4444-5555555555555"),
    "3.3 no identityKey": ("identityKey", ...),
    "3.3 empty identityKey": ("identityKey", ""),
    "3.3 blank identityKey": ("identityKey", "  "),
    "3.4 identityKey too long": ("identityKey", "QUFB" * 250 + "QQ=="),
    "3.5 no Base64": ("identityKey", "§§§"),
    "3.5 blanks inside of Base64": ("identityKey", "QUFB QUFB"),
    "3.5 a length that Base64 does not have": ("identityKey", "QUFBQ"),
    "3.5 Base64 of what is no text": ("identityKey", base64_of(b"\xff\xfe\xfd")),
    "3.5 Base64 of the character NUL": ("identityKey", base64_of("SHOPPER\0CODE")),
    "3.5 Base64 of a half surrogate": ("identityKey", base64_of(b"\xed\xa0\x80")),
    "3.5 Base64 of a blank": ("identityKey", base64_of(" ")),
    "3.6 no storeId": ("storeId", ...),
    "3.7 storeId too long": ("storeId", LONG),
    "3.8 unknown storeId": ("storeId", "NOT-OURS"),
    "3.9 no authEvent": (EVENT, ...),
    "3.9 authEvent is a list": (EVENT, []),
    "3.10 no authEvent.id": (f"{EVENT}.id", ...),
    "3.11 bad authEvent.id": (f"{EVENT}.id", "not-a-uuid"),
    "3.12 no timestamp": (f"{EVENT}.timestamp", ...),
    "3.12 timestamp null": (f"{EVENT}.timestamp", None),
    "3.13 timestamp in words": (f"{EVENT}.timestamp", "yesterday"),
    "3.13 timestamp without a time": (f"{EVENT}.timestamp", "2026-01-05"),
    "3.13 timestamp of no calendar": (f"{EVENT}.timestamp", "2026-02-30T09:00:00Z"),
    "3.13 timestamp before the year 1970": (f"{EVENT}.timestamp", "0001-01-01T00:00:00+14:00"),
    "3.13 timestamp after the year 2999": (f"{EVENT}.timestamp", "9999-12-31T23:59:59-14:00"),
    "3.13 timestamp of an enormous epoch": (f"{EVENT}.timestamp", 10**30),
    "3.13 timestamp before the epoch": (f"{EVENT}.timestamp", -1),
    "3.13 timestamp true": (f"{EVENT}.timestamp", True),
    "3.14 no location": (f"{EVENT}.location", ...),
    "3.15 bad location": (f"{EVENT}.location", "ROOF"),
    "3.15 bad authLocation": (f"{EVENT}.authLocation", "ROOF"),
    "3.16 bad keyChannel": ("keyChannel", "SMELL"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_documented_fault_is_refused_and_the_field_named(case: str, store: Store, ask: Ask) -> None:
    a_member("ada-1", "SHOPPER-CODE")
    path, value = REFUSED[case]

    answer = ask(KEYS, changed(identity_keys(), path, value))

    assert answer.status_code == 400
    assert list(answer.json()) == ["errorMsg"]
    field, colon, explanation = answer.json()["errorMsg"].partition(": ")
    assert (field, colon) == (path, ": ")
    assert explanation
    assert not Scan.objects.exists()


@pytest.mark.parametrize("body", [b"", b" \n", b"{}", b"null", b"[]", b"7", b"{", b"\xff"])  # 3.17
def test_empty_request_is_refused(body: bytes, store: Store, ask: Ask) -> None:
    answer = ask(KEYS, body)

    assert (answer.status_code, list(answer.json())) == (400, ["errorMsg"])
    assert not Scan.objects.exists()


def test_a_time_under_its_other_name_is_named_so_when_it_is_wrong(store: Store, ask: Ask) -> None:
    question = changed(changed(identity_keys(), f"{EVENT}.timestamp", ...), f"{EVENT}.eventTimestamp", "soon")

    answer = ask(KEYS, question)

    assert answer.json()["errorMsg"].startswith("authEvent.eventTimestamp: ")


SPELLINGS: dict[str, dict[str, Any]] = {
    "as the page has it": {"timestamp": "2025-03-06T23:03:21Z", "location": "EXIT"},
    "with a fraction": {"timestamp": "2025-03-06T23:03:21.000Z", "location": "EXIT"},
    "of another offset": {"timestamp": "2025-03-07T00:03:21+01:00", "location": "EXIT"},
    "without an offset": {"timestamp": "2025-03-06T23:03:21", "location": "EXIT"},
    "as the FAQ has it": {"eventTimestamp": 1741302201, "authLocation": "EXIT"},
    "in milliseconds": {"eventTimestamp": 1741302201000, "authLocation": "EXIT"},
    "as a number under the page's name": {"timestamp": 1741302201.0, "location": "EXIT"},
    "under both names": {"timestamp": 1741302201, "eventTimestamp": 1, "location": "EXIT", "authLocation": "ENTRY"},
    "null under one name": {"timestamp": None, "eventTimestamp": 1741302201, "location": None, "authLocation": "EXIT"},
}


@pytest.mark.parametrize("case", SPELLINGS)
def test_every_spelling_of_time_and_place_is_understood(case: str, store: Store, ask: Ask) -> None:
    a_member("ada-1", "SHOPPER-CODE")
    question = identity_keys()

    answer = ask(KEYS, question | {"authEvent": {"id": question["authEvent"]["id"], **SPELLINGS[case]}})

    assert answer.status_code == 200
    scan = Scan.objects.get()
    assert (scan.at, scan.location) == (datetime(2025, 3, 6, 23, 3, 21, tzinfo=UTC), "EXIT")


@pytest.mark.parametrize("channel", [..., None, "OPTICAL", "RADIO", "CONTACT", "NFC"])
def test_the_channel_may_be_left_out(channel: Any, store: Store, ask: Ask) -> None:
    a_member("ada-1", "SHOPPER-CODE")

    assert ask(KEYS, changed(identity_keys(), "keyChannel", channel)).status_code == 200


def test_attributes_that_amazon_adds_are_ignored_at_every_level(store: Store, ask: Ask) -> None:
    a_member("ada-1", "SHOPPER-CODE")
    question = changed(identity_keys(), f"{EVENT}.novelty", {"new": [1, {"x": None}]}) | {"größe": "é"}

    assert ask(KEYS, question).status_code == 200


@pytest.mark.parametrize("path", [KEYS, "/v1/identity/scan", "/v1/identity/scan/details", "/v1/identity/shopper"])
def test_a_caller_without_a_key_learns_nothing(path: str, store: Store, ask: Ask) -> None:
    for headers in ({}, {"x-api-key": "wrong"}):
        answer = ask(path, identity_keys(), headers=headers)

        assert (answer.status_code, list(answer.json())) == (403, ["errorMsg"])
    assert not Scan.objects.exists()
