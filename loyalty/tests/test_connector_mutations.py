"""What Amazon asks about codes, damaged at random: an answer of the contract, never a 5xx, and a 400 stores nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amazon.tests.bodies import Json, changed, encoded
from amazon.tests.mutations import EVERY_KIND, damaged, damaged_bytes, hurried, paths_in, random_bodies
from loyalty.models import Scan
from loyalty.tests.conftest import Ask
from loyalty.tests.people import a_member
from loyalty.tests.questions import (
    DETAILS,
    KEYS,
    SCAN,
    SHOPPER,
    base64_of,
    details,
    identity_keys,
    scan,
    shopper,
)
from stores.models import Store

EXAMPLES = 80

# What each call may be answered, besides 200: a loyalty scan is never a 401, and only a read may find nothing.
QUESTIONS: dict[str, tuple[Callable[[], Json], set[int]]] = {
    KEYS: (identity_keys, {400, 401}),
    SCAN: (scan, {400}),
    DETAILS: (details, {400, 404}),
    SHOPPER: (shopper, {400, 404}),
}
PATHS = sorted(QUESTIONS)
PLACES = [(path, place) for path in PATHS for place in sorted(paths_in(QUESTIONS[path][0]()))]


def check(path: str, body: bytes, ask: Ask) -> None:
    before, named_before = Scan.objects.count(), named_scans()

    answer = ask(path, body)

    assert answer.status_code in {200} | QUESTIONS[path][1]
    content = json.loads(answer.content)
    if answer.status_code != 200:
        assert list(content) == ["errorMsg"]
    if answer.status_code not in {200, 401}:
        assert Scan.objects.count() == before
    again = ask(path, body)
    assert (again.status_code, again.content) == (answer.status_code, answer.content), "a replay is answered alike"
    assert named_scans() <= named_before + 1


def named_scans() -> int:
    """Those whose request has an id by which it can be told to have come before."""
    return Scan.objects.exclude(request_id="").count()


def fresh(path: str) -> Callable[[str], Json]:
    def make(uuid: str) -> Json:
        question = QUESTIONS[path][0]()
        return question | {"requestId": uuid} if "requestId" in question else question

    return make


@pytest.fixture(autouse=True)
def people(store: Store) -> None:
    store.loyalty_provider = "Demo Rewards"
    store.save()
    a_member("ada-1", "SHOPPER-CODE", phone="+447700900123")


@pytest.mark.parametrize("path", PATHS)
@hurried(EXAMPLES)
@given(data=st.data())
def test_a_damaged_question_never_breaks_the_connector(path: str, data: st.DataObject, ask: Ask) -> None:
    check(path, data.draw(damaged(fresh(path))), ask)


@pytest.mark.parametrize("path", PATHS)
@hurried(EXAMPLES)
@given(data=st.data())
def test_damaged_bytes_never_break_the_connector(path: str, data: st.DataObject, ask: Ask) -> None:
    check(path, data.draw(damaged_bytes(fresh(path))), ask)


@pytest.mark.parametrize("path", PATHS)
@hurried(EXAMPLES)
@given(body=random_bodies)
def test_random_bodies_are_refused(path: str, body: bytes, ask: Ask) -> None:
    assert ask(path, body).status_code == 400
    assert not Scan.objects.exists()


@pytest.mark.parametrize(("path", "place"), PLACES)
@pytest.mark.parametrize("value", EVERY_KIND)
def test_every_place_takes_every_kind_of_value(path: str, place: str, value: Any, ask: Ask) -> None:
    check(path, encoded(changed(QUESTIONS[path][0](), place, value)), ask)


@hurried(2 * EXAMPLES)
@given(content=st.one_of(st.binary(max_size=60), st.text(max_size=30).map(lambda text: text.encode(errors="replace"))))
def test_whatever_a_code_says_it_is_no_fault_of_ours(content: bytes, ask: Ask) -> None:
    key = base64_of(content)

    check(KEYS, encoded(identity_keys() | {"identityKey": key or "="}), ask)
    check(SCAN, encoded(scan(value=key)), ask)
    for kind in ("QR_CODE", "PHONE_NUMBER"):
        check(SHOPPER, encoded(shopper() | {"shopperKey": key or "=", "shopperKeyType": kind}), ask)
