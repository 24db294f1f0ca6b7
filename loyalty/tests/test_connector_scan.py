"""POST /v1/identity/scan: whom a code stands for. Amazon: resolve_scan, resolve_scan_test_cases, faq."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from amazon.tests.bodies import Json, changed
from loyalty.models import Member, Scan
from loyalty.services.blocking import block_member
from loyalty.services.erasure import anonymize_member
from loyalty.services.scan_keys import issue_scan_key
from loyalty.tests.conftest import Ask
from loyalty.tests.people import a_member
from loyalty.tests.questions import SCAN, STORE, base64_of, faq, scan, statements
from stores.models import Store

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
FAQ_CODE = "1111-2222-3333-4444-5555-6666"


@pytest.fixture
def ada(store: Store) -> Member:
    return a_member("ada-1", "SHOPPER-CODE", FAQ_CODE, loyalty=("LOYALTY-CARD",))


def accepted(id: str, type: str = "SHOPPER") -> Json:
    return {"id": id, "type": type, "action": "ACCEPT"}


def rejected(id: str) -> Json:
    return {"id": id, "type": "SHOPPER", "action": "REJECT"}


def test_the_faqs_question_gets_the_faqs_answer(ada: Member, ask: Ask) -> None:
    question = faq("identity_scan_request") | {"storeId": STORE}

    answer = ask(SCAN, question)

    assert (answer.status_code, answer.json()) == (200, faq("identity_scan_accept"))
    assert answer["Content-Type"] == "application/json"


def test_the_faqs_question_about_a_stranger_is_answered_with_reject(store: Store, ask: Ask) -> None:
    question = faq("identity_scan_request") | {"storeId": STORE}

    answer = ask(SCAN, question)

    assert answer.status_code == 200
    assert answer.json() == faq("identity_scan_reject") | {"id": FAQ_CODE}


def test_the_faqs_word_for_a_request_id_is_no_name_of_a_call(store: Store, ask: Ask) -> None:
    """Its two questions are two questions, and the second one is asked about somebody who is known by now."""
    question = faq("identity_scan_request") | {"storeId": STORE}
    assert ask(SCAN, question).json()["action"] == "REJECT"

    member = Member.objects.create(external_id="ADA")
    member.codes.create(value=FAQ_CODE)

    assert ask(SCAN, question).json() == faq("identity_scan_accept")
    assert Scan.objects.count() == 2


TOKENS: dict[str, Json] = {
    "value in Base64": {"value": base64_of("SHOPPER-CODE")},
    "value as it is": {"value": "SHOPPER-CODE"},
    "value with blanks around it": {"value": f"\t{base64_of('SHOPPER-CODE')} \n"},
    "value without padding": {"value": base64_of("SHOPPER-CODE").rstrip("=")},
    "id in Base64": {"id": base64_of("SHOPPER-CODE"), "value": "string"},
    "id as it is": {"id": "SHOPPER-CODE", "value": "string"},
    "id alone": {"id": "SHOPPER-CODE", "value": None},
    "an empty value": {"id": "SHOPPER-CODE", "value": ""},
    "value before id": {"id": "LOYALTY-CARD", "value": "SHOPPER-CODE"},
}


@pytest.mark.parametrize("case", TOKENS)
def test_the_token_is_found_wherever_and_however_it_stands(case: str, ada: Member, ask: Ask) -> None:
    answer = ask(SCAN, scan(**TOKENS[case]))

    assert (answer.status_code, answer.json()) == (200, accepted("SHOPPER-CODE"))


def test_the_decoded_text_comes_before_the_raw_one(ada: Member, ask: Ask) -> None:
    a_member("bob-1", base64_of("SHOPPER-CODE"))

    assert ask(SCAN, scan("SHOPPER-CODE")).json() == accepted("SHOPPER-CODE")


def test_a_loyalty_card_is_told_from_a_shopper(ada: Member, ask: Ask) -> None:
    assert ask(SCAN, scan("LOYALTY-CARD")).json() == accepted("LOYALTY-CARD", "LOYALTY")


def test_an_associate_is_told_from_a_shopper(store: Store, ask: Ask) -> None:
    a_member("staff-7", "BADGE-7", kind="ASSOCIATE")

    assert ask(SCAN, scan("BADGE-7")).json() == accepted("BADGE-7", "ASSOCIATE")


def test_a_members_external_id_is_a_token_too(ada: Member, ask: Ask) -> None:
    assert ask(SCAN, scan("ada-1")).json() == accepted("ada-1")


def test_a_code_comes_before_anothers_external_id(ada: Member, ask: Ask) -> None:
    Member.objects.create(external_id="SHOPPER-CODE", kind="ASSOCIATE")

    ask(SCAN, scan("SHOPPER-CODE"))

    assert Scan.objects.get().member == ada


def test_a_scan_key_stands_for_its_member_while_it_is_fresh(ada: Member, ask: Ask) -> None:
    with time_machine.travel(NOW, tick=False):
        key = issue_scan_key(ada)

    fresh = ask(SCAN, scan(key, scanned="2026-01-05T09:01:30Z"))
    stale = ask(SCAN, scan(key, scanned="2026-01-05T09:01:31Z"))

    assert fresh.json() == accepted("ada-1")
    assert (stale.status_code, stale.json()) == (200, rejected("unknown"))
    assert not Scan.objects.filter(resolved_id=key).exists()


@pytest.mark.parametrize("code", ["SHOPPER-CODE", "LOYALTY-CARD", "ada-1"])
def test_a_blocked_member_is_rejected_and_not_told_why(code: str, ada: Member, ask: Ask) -> None:
    block_member(ada, reason="Took the trolley home")

    answer = ask(SCAN, scan(code))

    assert (answer.status_code, answer.json()) == (200, rejected(code))
    assert (Scan.objects.get().member, Scan.objects.get().reason) == (ada, "The member is blocked.")


def test_an_erased_member_is_rejected(ada: Member, ask: Ask) -> None:
    anonymize_member(ada)
    ada.refresh_from_db()

    for code in ("SHOPPER-CODE", "ada-1", ada.external_id):
        assert ask(SCAN, scan(code)).json() == rejected(code)


NOBODYS: dict[str, tuple[Json, str]] = {
    "a code that nobody has": ({"value": base64_of("NOBODYS-CODE")}, "NOBODYS-CODE"),
    "no text in Base64": ({"value": base64_of(b"\xff\x00")}, "unknown"),
    "NUL in Base64": ({"value": base64_of("a\0b")}, "unknown"),
    "no Base64": ({"value": "§§§"}, "unknown"),
    "a control character": ({"value": "a\x1bb"}, "unknown"),
    "nothing": ({"value": ""}, "unknown"),
    "longer than an id may be": ({"value": base64_of("y" * 700)}, "y" * 255),
}


@pytest.mark.parametrize("case", NOBODYS)
def test_a_token_that_nobody_has_is_rejected_with_200(case: str, ada: Member, ask: Ask) -> None:
    event, id = NOBODYS[case]

    answer = ask(SCAN, scan(**event))

    assert (answer.status_code, answer.json()) == (200, rejected(id))
    assert (Scan.objects.get().is_accepted, Scan.objects.get().reason) == (False, "Nobody has this code.")


def test_a_scan_is_recorded_with_what_amazon_said_of_it(ada: Member, store: Store, ask: Ask) -> None:
    question = scan("SHOPPER-CODE", location="MANUAL_IN_STORE")

    ask(SCAN, question)

    row = Scan.objects.get()
    assert (row.kind, row.store, row.member) == (Scan.Kind.LOYALTY, store, ada)
    assert (row.request_id, row.event_id) == (question["requestId"], question["scanEvent"]["id"])
    assert (row.at, row.location, row.shown) == (NOW, "MANUAL_IN_STORE", "…CODE")
    assert (row.resolved_id, row.resolved_type, row.reason) == ("SHOPPER-CODE", "SHOPPER", "")


def test_a_code_in_place_of_the_events_id_is_not_kept_as_such(ada: Member, ask: Ask) -> None:
    ask(SCAN, scan(id=base64_of("SHOPPER-CODE"), value="string"))

    assert Scan.objects.get().event_id == ""


# --- The same call again ---


def test_a_replay_gets_the_same_answer_and_is_one_row(ada: Member, ask: Ask) -> None:
    questions = [scan("SHOPPER-CODE"), scan("LOYALTY-CARD"), scan("NEW-CODE")]
    first = [ask(SCAN, question).json() for question in questions]
    block_member(ada, reason="Took the trolley home")
    a_member("bob-1", "NEW-CODE")

    again = [ask(SCAN, question).json() for question in questions]

    assert again == first == [accepted("SHOPPER-CODE"), accepted("LOYALTY-CARD", "LOYALTY"), rejected("NEW-CODE")]
    assert Scan.objects.count() == 3


def test_the_same_event_id_in_another_call_is_another_scan(ada: Member, ask: Ask) -> None:
    event_id = str(uuid.uuid4())

    first, second = (ask(SCAN, scan(code, id=event_id)) for code in ("SHOPPER-CODE", "NOBODYS-CODE"))

    assert (first.json(), second.json()) == (accepted("SHOPPER-CODE"), rejected("NOBODYS-CODE"))
    assert Scan.objects.count() == 2


def test_a_gate_and_a_scanner_do_not_answer_for_each_other(ada: Member, ask: Ask) -> None:
    question = scan("SHOPPER-CODE")
    gate = {
        "requestId": question["requestId"],
        "identityKey": base64_of("NOBODYS-CODE"),
        "storeId": STORE,
        "authEvent": {"id": question["scanEvent"]["id"], "timestamp": 1741302201, "location": "ENTRY"},
    }

    assert ask(SCAN, question).json() == accepted("SHOPPER-CODE")
    assert ask("/v1/identity/identity-keys", gate).status_code == 401


# --- Malformed ---

MALFORMED: dict[str, tuple[str, Any]] = {
    "no requestId": ("requestId", ...),
    "no storeId": ("storeId", ...),
    "unknown storeId": ("storeId", "NOT-OURS"),
    "storeId too long": ("storeId", "x" * 256),
    "no scanEvent": ("scanEvent", ...),
    "no id": ("scanEvent.id", ...),
    "empty id": ("scanEvent.id", ""),
    "value is a number": ("scanEvent.value", 7),
    "value too long": ("scanEvent.value", "x" * 1001),
    "no timestamp": ("scanEvent.timestamp", ...),
    "bad timestamp": ("scanEvent.timestamp", "yesterday"),
    "location is a list": ("scanEvent.location", []),
    "NUL in the value": ("scanEvent.value", "a\0b"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_broken_body_is_refused_and_the_field_named(case: str, ada: Member, ask: Ask) -> None:
    path, value = MALFORMED[case]

    answer = ask(SCAN, changed(scan(), path, value))

    assert answer.status_code == 400
    assert answer.json()["errorMsg"].startswith(f"{path}: ")
    assert not Scan.objects.exists()


@pytest.mark.parametrize("path", ["value", "location", "channel"])
@pytest.mark.parametrize("value", [..., None, "", "SOMETHING-NEW"])
def test_what_is_not_needed_to_find_the_member_is_no_reason_to_refuse(
    path: str, value: Any, ada: Member, ask: Ask
) -> None:
    question = scan(id=base64_of("SHOPPER-CODE"), value="string")

    answer = ask(SCAN, changed(question, f"scanEvent.{path}", value))

    assert (answer.status_code, answer.json()) == (200, accepted("SHOPPER-CODE"))


def test_every_spelling_of_the_time_is_understood(ada: Member, ask: Ask) -> None:
    for name, value in (("timestamp", "2026-01-05T10:00:00+01:00"), ("eventTimestamp", NOW.timestamp())):
        question = changed(changed(scan(), "scanEvent.timestamp", ...), f"scanEvent.{name}", value)

        assert ask(SCAN, question).status_code == 200

    assert set(Scan.objects.values_list("at", flat=True)) == {NOW}


def test_a_hit_a_miss_and_a_replay_take_three_statements_at_most(ada: Member, ask: Ask) -> None:
    with time_machine.travel(NOW - timedelta(seconds=10), tick=False):
        key = issue_scan_key(ada)
    hit, miss, shown, by_id = scan("LOYALTY-CARD"), scan("NOBODYS-CODE"), scan(key), scan("ada-1")

    counts = [statements(ask, SCAN, each) for each in (hit, miss, shown, by_id, hit, miss)]

    assert max(counts) <= 3
