"""POST /v1/identity/identity-keys: whose code opens the gate, what staff see of it, and what a repeated call does.

Amazon: verify_identity_keys_test_cases 1.x, 2, 4, 6 and 7.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from amazon.tests.bodies import changed
from loyalty.models import Member, Scan
from loyalty.services.blocking import block_member, unblock_member
from loyalty.services.erasure import anonymize_member
from loyalty.services.scan_keys import issue_scan_key
from loyalty.tests.conftest import Ask
from loyalty.tests.people import a_member
from loyalty.tests.questions import KEYS, base64_of, identity_keys, statements
from stores.models import Store

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
REFUSED = {"errorMsg": "this code does not open the gate"}


@pytest.fixture
def ada(store: Store) -> Member:
    return a_member("ada-1", "SHOPPER-CODE", loyalty=("LOYALTY-CARD",), kind="SHOPPER")


def key_of(member: Member, *, issued: datetime = NOW) -> str:
    with time_machine.travel(issued, tick=False):
        return issue_scan_key(member)


# --- Who gets in ---


def test_the_static_code_of_a_shopper_opens_the_gate(ada: Member, ask: Ask) -> None:  # 1.1
    answer = ask(KEYS, identity_keys("SHOPPER-CODE"))

    assert (answer.status_code, answer.json()) == (200, {"visitorDetails": {"id": "ada-1", "type": "SHOPPER"}})


def test_an_associate_is_let_in_as_such(store: Store, ask: Ask) -> None:  # 1.2
    a_member("staff-7", "BADGE-7", kind="ASSOCIATE")

    answer = ask(KEYS, identity_keys("BADGE-7"))

    assert (answer.status_code, answer.json()) == (200, {"visitorDetails": {"id": "staff-7", "type": "ASSOCIATE"}})


@pytest.mark.parametrize("seconds", [-5, 0, 1, 90])
def test_a_scan_key_opens_the_gate_inside_its_window(seconds: int, ada: Member, ask: Ask) -> None:
    scanned = NOW + timedelta(seconds=seconds)

    answer = ask(KEYS, identity_keys(key_of(ada), scanned=scanned.isoformat()))

    assert (answer.status_code, answer.json()) == (200, {"visitorDetails": {"id": "ada-1", "type": "SHOPPER"}})


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [
        (91, "The code was 91 s old; it opens the gate for 90 s."),
        (86400, "The code was 86400 s old; it opens the gate for 90 s."),
        (-6, "The code was scanned 6 s before it was issued."),
    ],
)
def test_a_scan_key_outside_its_window_is_refused(seconds: int, reason: str, ada: Member, ask: Ask) -> None:
    scanned = NOW + timedelta(seconds=seconds)

    answer = ask(KEYS, identity_keys(key_of(ada), scanned=scanned.isoformat()))

    assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert (Scan.objects.get().reason, Scan.objects.get().member) == (reason, ada)


@pytest.mark.parametrize(("age", "status"), [(30, 200), (31, 401)])
def test_the_window_is_a_setting(age: int, status: int, ada: Member, ask: Ask, settings: Any) -> None:
    settings.SCAN_KEY_SECONDS = 30
    scanned = NOW + timedelta(seconds=age)

    answer = ask(KEYS, identity_keys(key_of(ada), scanned=scanned.isoformat()))

    assert answer.status_code == status


def test_a_group_enters_with_one_scan_key(ada: Member, ask: Ask) -> None:
    key = key_of(ada)

    answers = [ask(KEYS, identity_keys(key)) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert Scan.objects.filter(member=ada, is_accepted=True).count() == 3


def test_a_scan_key_cannot_be_made_younger(ada: Member, ask: Ask) -> None:
    old = key_of(ada, issued=NOW - timedelta(hours=1))
    younger = f"{old[:-10]}{int(NOW.timestamp())}"

    answer = ask(KEYS, identity_keys(younger))

    assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert Scan.objects.get().reason == "Nobody has this code."


# --- Who does not ---


@pytest.mark.parametrize("code", ["NOBODYS-CODE", "shopper-code", "ada-1", "SHOPPER-CODE\0", "JWOBACK" + "0" * 42])
def test_a_code_that_nobody_has_is_refused(code: str, ada: Member, ask: Ask) -> None:
    answer = ask(KEYS, identity_keys(code))

    assert answer.status_code == (400 if "\0" in code else 401)
    assert not Scan.objects.filter(is_accepted=True).exists()


def test_a_loyalty_card_opens_no_gate(ada: Member, ask: Ask) -> None:
    answer = ask(KEYS, identity_keys("LOYALTY-CARD"))

    assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert (Scan.objects.get().reason, Scan.objects.get().member) == ("A loyalty card opens no gate.", ada)


@pytest.mark.parametrize("has_app", [False, True])
def test_a_blocked_member_is_not_let_in(has_app: bool, ada: Member, ask: Ask) -> None:
    code = key_of(ada) if has_app else "SHOPPER-CODE"
    block_member(ada, reason="Took the trolley home")

    answer = ask(KEYS, identity_keys(code))

    assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert Scan.objects.get().reason == "The member is blocked."


def test_a_member_whose_block_has_ended_is_let_in(ada: Member, ask: Ask) -> None:
    block_member(ada, reason="Took the trolley home")
    unblock_member(ada)

    assert ask(KEYS, identity_keys()).status_code == 200


def test_an_erased_member_is_not_let_in(ada: Member, ask: Ask) -> None:
    key = key_of(ada)
    anonymize_member(ada)

    answers = [ask(KEYS, identity_keys(code)) for code in (key, "SHOPPER-CODE")]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(401, REFUSED)] * 2


# --- What staff see ---


def test_an_entry_is_recorded_with_what_amazon_said_of_it(ada: Member, store: Store, ask: Ask) -> None:
    question = identity_keys("SHOPPER-CODE")

    ask(KEYS, question)

    scan = Scan.objects.get()
    assert (scan.kind, scan.store, scan.member) == (Scan.Kind.IDENTITY, store, ada)
    assert (scan.request_id, scan.event_id) == (question["requestId"], question["authEvent"]["id"])
    assert (scan.at, scan.location) == (NOW, "ENTRY")
    assert (scan.is_accepted, scan.reason) == (True, "")
    assert (scan.resolved_id, scan.resolved_type) == ("ada-1", "SHOPPER")
    assert abs(scan.received_at - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(("code", "shown"), [("SHOPPER-CODE", "…CODE"), ("1234567", "…567"), ("12", "…2"), ("1", "…")])
def test_no_more_than_the_end_of_a_code_is_recorded(code: str, shown: str, store: Store, ask: Ask) -> None:
    ask(KEYS, identity_keys(code))

    scan = Scan.objects.get()
    assert scan.shown == shown
    assert code not in {scan.shown, scan.resolved_id, scan.event_id, scan.reason}


# --- The same call again ---


@pytest.mark.parametrize("same", ["requestId", "authEvent.id", "both"])
def test_a_replay_gets_the_same_answer_and_is_one_entry(same: str, ada: Member, ask: Ask) -> None:
    question = identity_keys()
    first = ask(KEYS, question)
    block_member(ada, reason="Took the trolley home")
    again = question
    if same == "requestId":
        again = changed(question, "authEvent.id", str(uuid.uuid4()))
    if same == "authEvent.id":
        again = question | {"requestId": str(uuid.uuid4())}

    answers = [ask(KEYS, again) for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(200, first.content)] * 2
    assert Scan.objects.count() == 1


def test_a_refusal_stays_one_when_it_is_asked_again(store: Store, ask: Ask) -> None:
    question = identity_keys("NEW-CODE")
    first = ask(KEYS, question)
    a_member("ada-1", "NEW-CODE")

    again, later = ask(KEYS, question), ask(KEYS, identity_keys("NEW-CODE"))

    assert (again.status_code, again.content) == (first.status_code, first.content) == (401, again.content)
    assert later.status_code == 200
    assert Scan.objects.count() == 2


def test_the_call_counts_before_the_event(ada: Member, ask: Ask) -> None:
    entered, refused = identity_keys(), identity_keys("NOBODYS-CODE")
    ask(KEYS, entered)
    ask(KEYS, refused)

    mixed = changed(entered, "authEvent.id", refused["authEvent"]["id"])

    assert ask(KEYS, mixed).status_code == 200


def test_a_replay_that_names_an_unknown_store_is_malformed(ada: Member, ask: Ask) -> None:
    question = identity_keys()
    ask(KEYS, question)

    answer = ask(KEYS, question | {"storeId": "NOT-OURS"})

    assert answer.status_code == 400
    assert answer.json()["errorMsg"] == "storeId: “NOT-OURS” is not the external id of any store here"


# --- Too many calls ---


def test_calls_above_the_stores_limit_wait_for_the_next_minute(ada: Member, ask: Ask, settings: Any) -> None:
    settings.IDENTITY_CALLS_PER_MINUTE = 2
    Store.objects.create(external_id="OTHER", name="Other", region="eu-west-1", time_zone="UTC", currency="GBP")

    with time_machine.travel(NOW + timedelta(seconds=45), tick=False) as clock:
        answers = [ask(KEYS, identity_keys()) for _ in range(3)]
        elsewhere = ask(KEYS, identity_keys(storeId="OTHER"))
        clock.shift(15)
        later = ask(KEYS, identity_keys())

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "15"
    assert answers[2].json() == {"errorMsg": "storeId: more than 2 calls in this minute"}
    assert (elsewhere.status_code, later.status_code) == (200, 200)
    assert Scan.objects.count() == 4


def test_no_limit_is_set_with_zero(ada: Member, ask: Ask, settings: Any) -> None:
    settings.IDENTITY_CALLS_PER_MINUTE = 0

    assert {ask(KEYS, identity_keys()).status_code for _ in range(20)} == {200}


@pytest.mark.parametrize("store_id", ["Main Street №1 ☃", "x" * 255])
def test_a_store_id_that_no_cache_takes_as_key_is_counted_too(
    store_id: str, store: Store, ada: Member, ask: Ask, settings: Any
) -> None:
    settings.IDENTITY_CALLS_PER_MINUTE = 1
    Store.objects.update(external_id=store_id)

    with time_machine.travel(NOW, tick=False):
        answers = [ask(KEYS, identity_keys(storeId=store_id)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]


def test_a_cache_that_is_down_does_not_close_the_gate(ada: Member, ask: Ask, settings: Any) -> None:
    settings.IDENTITY_CALLS_PER_MINUTE = 1
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:9/0",  # nobody listens there
        }
    }

    assert [ask(KEYS, identity_keys()).status_code for _ in range(2)] == [200, 200]


# --- What it costs ---


def test_an_entry_a_refusal_and_a_replay_take_three_statements_at_most(ada: Member, ask: Ask) -> None:
    entered, refused, shown = identity_keys(), identity_keys("NOBODYS-CODE"), identity_keys(key_of(ada))
    elsewhere = identity_keys(storeId="NOT-OURS")

    counts = [statements(ask, KEYS, each) for each in (entered, refused, shown, entered, refused, elsewhere)]

    assert max(counts) <= 3


# --- How the key is written ---


def test_the_key_may_be_spelled_in_any_alphabet_of_base64(store: Store, ask: Ask) -> None:
    code = "ab?>ü~1"
    a_member("ada-1", code)
    standard = base64_of(code)
    safe = standard.replace("+", "-").replace("/", "_")

    assert standard != safe
    for key in (standard, safe, standard.rstrip("="), f" {safe} ", f"{standard}\n"):
        assert ask(KEYS, identity_keys(identityKey=key)).status_code == 200, key
