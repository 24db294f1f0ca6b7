"""POST /v1/identity/scan/details: the loyalty programme behind an accepted scan. Amazon: get_scan_details."""

from typing import Any

import pytest

from amazon.tests.bodies import changed
from loyalty.models import Member, Promotion, Scan
from loyalty.services.blocking import block_member
from loyalty.services.scan_keys import issue_scan_key
from loyalty.tests.conftest import Ask
from loyalty.tests.people import a_member
from loyalty.tests.questions import DETAILS, SCAN, STORE, details, scan, statements
from stores.models import Store


@pytest.fixture
def ada(store: Store) -> Member:
    return a_member("ada-1", "SHOPPER-CODE", loyalty=("LOYALTY-CARD",), tier="gold")


@pytest.fixture
def promotions(store: Store) -> None:
    elsewhere = Store.objects.create(
        external_id="OTHER", name="Other", region="eu-west-1", time_zone="UTC", currency="GBP"
    )
    for place, promotion_id, tier, is_active in [
        (store, "PROMO-TEA", "", True),
        (store, "PROMO-TEA", "gold", True),
        (store, "PROMO-CAKE", "gold", True),
        (store, "PROMO-BREAD", "silver", True),
        (store, "PROMO-OLD", "", False),
        (elsewhere, "PROMO-ELSEWHERE", "", True),
    ]:
        Promotion.objects.create(store=place, promotion_id=promotion_id, tier=tier, is_active=is_active)


@pytest.mark.parametrize("id", ["SHOPPER-CODE", "LOYALTY-CARD", "ada-1"])
def test_a_member_is_promised_what_is_for_their_tier_and_for_all(
    id: str, ada: Member, promotions: None, ask: Ask
) -> None:
    answer = ask(DETAILS, details(id))

    assert answer.status_code == 200
    assert answer.json() == {"provider": "Demo Rewards", "promotionIds": ["PROMO-CAKE", "PROMO-TEA"]}


def test_a_member_without_a_tier_gets_what_is_for_all(store: Store, promotions: None, ask: Ask) -> None:
    a_member("bob-1", "BOBS-CODE")

    assert ask(DETAILS, details("BOBS-CODE")).json() == {"provider": "Demo Rewards", "promotionIds": ["PROMO-TEA"]}


def test_a_store_may_promote_nothing(ada: Member, ask: Ask) -> None:
    assert ask(DETAILS, details()).json() == {"provider": "Demo Rewards", "promotionIds": []}


@pytest.mark.parametrize("kind", ["SHOPPER", "ASSOCIATE", "CASH", "LOYALTY"])
def test_every_type_of_scan_result_is_taken(kind: str, ada: Member, ask: Ask) -> None:
    assert ask(DETAILS, details("LOYALTY-CARD", kind)).status_code == 200


def test_the_id_that_was_answered_to_a_scan_key_has_details(ada: Member, ask: Ask) -> None:
    key = issue_scan_key(ada)
    resolved = ask(SCAN, scan(key, scanned=ada.scan_keys.get().issued_at.isoformat())).json()

    answer = ask(DETAILS, {"storeId": STORE, "scanResult": {"id": resolved["id"], "type": resolved["type"]}})

    assert (resolved["action"], answer.status_code) == ("ACCEPT", 200)


def test_an_unknown_id_is_not_found(ada: Member, ask: Ask) -> None:
    answer = ask(DETAILS, details("NOBODYS-CODE"))

    assert (answer.status_code, list(answer.json())) == (404, ["errorMsg"])


def test_a_blocked_member_has_no_details(ada: Member, ask: Ask) -> None:
    block_member(ada, reason="Took the trolley home")

    assert ask(DETAILS, details()).status_code == 404


def test_a_store_without_a_programme_has_no_details(ada: Member, store: Store, ask: Ask) -> None:
    Store.objects.update(loyalty_provider="")

    answer = ask(DETAILS, details())

    assert (answer.status_code, list(answer.json())) == (404, ["errorMsg"])


MALFORMED: dict[str, tuple[str, Any]] = {
    "no storeId": ("storeId", ...),
    "unknown storeId": ("storeId", "NOT-OURS"),
    "storeId too long": ("storeId", "x" * 256),
    "no scanResult": ("scanResult", ...),
    "no id": ("scanResult.id", ...),
    "empty id": ("scanResult.id", ""),
    "id too long": ("scanResult.id", "x" * 256),
    "NUL in the id": ("scanResult.id", "a\0b"),
    "no type": ("scanResult.type", ...),
    "bad type": ("scanResult.type", "GUEST"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_broken_body_is_refused_and_the_field_named(case: str, ada: Member, ask: Ask) -> None:
    path, value = MALFORMED[case]

    answer = ask(DETAILS, changed(details(), path, value))

    assert answer.status_code == 400
    assert answer.json()["errorMsg"].startswith(f"{path}: ")


def test_asking_for_details_changes_nothing(ada: Member, promotions: None, ask: Ask) -> None:
    answers = {ask(DETAILS, details()).content for _ in range(3)}

    assert len(answers) == 1
    assert not Scan.objects.exists()


def test_details_take_three_statements_at_most(ada: Member, promotions: None, ask: Ask) -> None:
    assert max(statements(ask, DETAILS, details(id)) for id in ("LOYALTY-CARD", "NOBODYS-CODE")) <= 3
