"""The gate in the admin: its decisions, its rules, and whom it never lets in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from payments.models import BlockedShopper, GateDecision, GateRules
from payments.tests.admin_rows import a_store, a_trip, paid_trip, staff_with
from payments.tests.gate_calls import advice, amount, asker, question, rules_of
from staff.models import User
from stores.models import Store

DECISIONS = "/admin/payments/gatedecision/"
RULES = "/admin/payments/gaterules/"
BLOCKED = "/admin/payments/blockedshopper/"
DEBTS = "/admin/payments/debt/"

pytestmark = pytest.mark.django_db


def a_decision(**fields: Any) -> GateDecision:
    defaults: dict[str, Any] = {
        "store": fields.pop("store", None) or a_store(),
        "amazon_trip_id": str(uuid4()),
        "event_id": str(uuid4()),
        "shopper_id": "amzn1.card.1",
        "is_authorized": True,
        "reasons": ["Nothing speaks against this shopper."],
        "currency": "USD",
    }
    return GateDecision.objects.create(**(defaults | fields))


def found(client: Client, url: str) -> list[int]:
    answer = client.get(url)
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


def shown(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


# --- Decisions ---


def test_list_says_who_was_refused_and_why(admin_client: Client) -> None:
    reasons = ["Owes $5.00 for earlier trips.", "Amazon advises to refuse."]
    a_decision(is_authorized=False, reasons=reasons, held=Decimal(50))
    tokyo = a_store("Shibuya", time_zone="Asia/Tokyo")
    a_decision(store=tokyo, held=50, adjusted_to=20, decided_at=datetime(2026, 11, 24, 20, 5, tzinfo=UTC))

    page = shown(admin_client, DECISIONS)

    assert "Owes $5.00 for earlier trips." in page
    assert "Amazon advises to refuse." not in page, "only the first reason"
    assert "refused" in page
    assert "$20.00 instead of $50.00" in page
    assert "25 Nov 2026, 05:05 JST" in page


def test_decisions_are_found_by_trip_and_by_shopper(admin_client: Client) -> None:
    mine, other = a_decision(shopper_id="amzn1.card.7"), a_decision()

    assert found(admin_client, f"{DECISIONS}?q=amzn1.card.7") == [mine.pk]
    assert found(admin_client, f"{DECISIONS}?q={other.amazon_trip_id}") == [other.pk]
    assert found(admin_client, f"{DECISIONS}?q=amzn1.card") == []


def test_decisions_are_filtered_by_store_outcome_and_day(admin_client: Client) -> None:
    store = a_store("Elsewhere")
    let_in = a_decision(store=store)
    refused = a_decision(is_authorized=False)
    fallback = a_decision(is_authorized=False, is_fallback=True)
    old = a_decision(decided_at=datetime.now(UTC) - timedelta(days=10))

    assert found(admin_client, f"{DECISIONS}?store__id__exact={store.pk}") == [let_in.pk]
    assert found(admin_client, f"{DECISIONS}?outcome=in") == [let_in.pk, old.pk]
    assert found(admin_client, f"{DECISIONS}?outcome=refused") == [fallback.pk, refused.pk]
    assert found(admin_client, f"{DECISIONS}?outcome=fallback") == [fallback.pk]
    assert old.pk not in found(admin_client, f"{DECISIONS}?decided=7")
    assert old.pk in found(admin_client, f"{DECISIONS}?decided=30")


def test_page_of_a_decision_shows_the_advice_the_answer_and_the_trip(admin_client: Client, client: Client) -> None:
    store = a_store()
    rules_of(store, most_held=20)
    body = question("corner-shop", **advice(True, "SomethingNew", adjust_to=amount(25)))
    asker(client)(body | {"authorizedAmount": amount(50)})
    decision = GateDecision.objects.get()
    address = f"{DECISIONS}{decision.pk}/change/"

    page = shown(admin_client, address)

    for reason in decision.reasons:
        assert f"<p>{reason}</p>" in page
    assert len(decision.reasons) == 3
    assert "SomethingNew&quot;" in page
    assert "&quot;value&quot;: 20.00" in page
    assert "No cart has come for it." in page

    trip = a_trip(store=store, amazon_trip_id=decision.amazon_trip_id)

    assert f'<a href="/admin/orders/trip/{trip.pk}/change/">' in shown(admin_client, address)


def test_decision_without_advice_says_so(admin_client: Client) -> None:
    assert "Amazon gave none." in shown(admin_client, f"{DECISIONS}{a_decision().pk}/change/")


def test_nobody_changes_a_decision(admin_client: Client) -> None:
    decision = a_decision()

    assert admin_client.get(f"{DECISIONS}add/").status_code == 403
    assert admin_client.post(f"{DECISIONS}{decision.pk}/change/", {"is_authorized": ""}).status_code == 403
    assert admin_client.post(f"{DECISIONS}{decision.pk}/delete/", {"post": "yes"}).status_code == 403
    assert GateDecision.objects.get().is_authorized


# --- On the trip's page ---


def test_trips_timeline_begins_at_the_gate(admin_client: Client) -> None:
    trip = paid_trip("10.00")
    at = trip.started_at
    a_decision(amazon_trip_id=trip.amazon_trip_id, held=50, adjusted_to=20, decided_at=at)
    a_decision(amazon_trip_id=trip.amazon_trip_id, is_authorized=False, reasons=["Blocked: stole"], decided_at=at)
    a_decision(amazon_trip_id=trip.amazon_trip_id, store=a_store("Elsewhere"), reasons=["of another store"])

    page = shown(admin_client, f"/admin/orders/trip/{trip.pk}/change/")

    assert "Let in at the gate <strong>$20.00</strong>" in page
    assert "Refused at the gate" in page
    assert "Blocked: stole" in page
    assert "of another store" not in page
    assert page.index("Cart received") < page.index("Let in at the gate")  # newest first


# --- Rules ---


def rules_form(store: Store, **fields: str) -> dict[str, str]:
    plain = {
        "store": str(store.pk),
        "recommendation": "follow",
        "denied_risks": "CustomerFraud\r\nBadDebt, InvalidCard\r\n\r\n",
        "denies_debtors": "on",
        "tolerated_debt": "0",
        "most_held": "",
        "fallback": "deny",
    }
    return plain | fields


def test_rules_are_made_and_changed_in_plain_words(admin_client: Client) -> None:
    store = a_store()
    assert "CustomerFraud&#x27;" not in shown(admin_client, f"{RULES}add/"), "a list of lines, no JSON"

    admin_client.post(f"{RULES}add/", rules_form(store))

    rules = GateRules.objects.get()
    assert rules.denied_risks == ["CustomerFraud", "BadDebt", "InvalidCard"]
    assert (rules.tolerated_debt, rules.most_held, rules.fallback) == (0, None, "deny")
    changed = rules_form(store, denied_risks="", tolerated_debt="2.50", most_held="20", fallback="accept")
    del changed["denies_debtors"]
    admin_client.post(f"{RULES}{rules.pk}/change/", changed)
    rules.refresh_from_db()
    assert (rules.denied_risks, rules.denies_debtors, rules.fallback) == ([], False, "accept")
    assert (rules.tolerated_debt, rules.most_held) == (Decimal("2.5"), Decimal(20))
    page = shown(admin_client, RULES)
    assert "$20.00" in page
    assert "let in" in page


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("tolerated_debt", "-1", "cannot be negative"),
        ("most_held", "-1", "cannot be negative"),
        ("most_held", "0", "Enter more than 0"),
        ("most_held", "9.999", "USD has 2 decimals"),
        ("store", "", "required"),
    ],
)
def test_rules_that_make_no_sense_are_refused(field: str, value: str, complaint: str, admin_client: Client) -> None:
    answer = admin_client.post(f"{RULES}add/", rules_form(a_store()) | {field: value})

    assert answer.status_code == 200
    assert complaint in answer.content.decode()
    assert not GateRules.objects.exists()


def test_store_has_one_set_of_rules(admin_client: Client) -> None:
    rules_of(a_store())

    assert "already exists" in admin_client.post(f"{RULES}add/", rules_form(a_store())).content.decode()
    assert GateRules.objects.count() == 1


# --- Blocked shoppers ---


def test_block_is_written_with_its_reason_and_who_made_it(admin_client: Client, admin_user: User) -> None:
    store = a_store()
    form = {"shopper_id": " amzn1.card.1 ", "store": str(store.pk), "reason": "threw bottles"}

    admin_client.post(f"{BLOCKED}add/", form)
    admin_client.post(f"{BLOCKED}add/", form | {"store": ""})

    everywhere, here = BlockedShopper.objects.order_by("-id")
    assert (here.shopper_id, here.store, here.reason) == ("amzn1.card.1", store, "threw bottles")
    assert (here.blocked_by, everywhere.store) == (admin_user.username, None)
    page = shown(admin_client, BLOCKED)
    assert "all stores" in page
    assert "threw bottles" in page
    assert found(admin_client, f"{BLOCKED}?q=amzn1.card.1") == [everywhere.pk, here.pk]
    assert found(admin_client, f"{BLOCKED}?q=amzn1") == []


@pytest.mark.parametrize("in_one_store", [True, False])
def test_nobody_is_blocked_twice_in_the_same_place(in_one_store: bool, admin_client: Client) -> None:
    form = {"shopper_id": "amzn1.card.1", "store": str(a_store().pk) if in_one_store else "", "reason": "x"}

    for _ in range(2):
        admin_client.post(f"{BLOCKED}add/", form)

    assert BlockedShopper.objects.count() == 1


def test_block_needs_a_reason_and_is_ended_not_edited(admin_client: Client) -> None:
    assert "required" in admin_client.post(f"{BLOCKED}add/", {"shopper_id": "x", "reason": ""}).content.decode()
    block = BlockedShopper.objects.create(shopper_id="x", reason="y", blocked_by="somebody")
    assert "somebody" in shown(admin_client, f"{BLOCKED}{block.pk}/change/")

    admin_client.post(f"{BLOCKED}{block.pk}/change/", {"shopper_id": "z", "reason": "z"})
    block.refresh_from_db()
    assert block.shopper_id == "x"
    admin_client.post(f"{BLOCKED}{block.pk}/delete/", {"post": "yes"})

    assert not BlockedShopper.objects.exists()


# --- Debts ---


def test_debts_are_found_by_who_owes(admin_client: Client) -> None:
    debt = paid_trip("10.00", captured="4.00").charge.debt
    debt.shopper_id = "amzn1.card.1"
    debt.save()
    paid_trip("10.00", captured="4.00")

    assert found(admin_client, f"{DEBTS}?q=amzn1.card.1") == [debt.pk]
    assert "amzn1.card.1" in shown(admin_client, DEBTS)


# --- Rights, empty lists, statements ---


@pytest.mark.parametrize(("url", "word"), [(DECISIONS, "Nobody at the gate"), (RULES, "404"), (BLOCKED, "Nobody is")])
def test_empty_list_says_what_will_stand_there(url: str, word: str, admin_client: Client) -> None:
    assert word in shown(admin_client, url)


@pytest.mark.parametrize("url", [DECISIONS, RULES, BLOCKED])
def test_pages_need_their_rights(url: str, client: Client) -> None:
    assert client.get(url).url.startswith("/admin/login/")
    client.force_login(staff_with("orders.view_trip"))
    for page in (url, f"{url}add/"):
        assert client.get(page).status_code == 403


def test_who_may_only_look_changes_nothing(client: Client) -> None:
    rules = rules_of(a_store())
    client.force_login(staff_with("payments.view_gaterules", "payments.view_blockedshopper"))

    assert client.get(f"{RULES}{rules.pk}/change/").status_code == 200
    assert client.post(f"{RULES}{rules.pk}/change/", rules_form(a_store(), most_held="1")).status_code == 403
    assert client.post(f"{BLOCKED}add/", {"shopper_id": "x", "reason": "y"}).status_code == 403
    assert GateRules.objects.get().most_held is None
    assert 'href="/admin/payments/gatedecision/"' not in shown(client, RULES)
    assert f'href="{BLOCKED}"' in shown(client, RULES)


@pytest.mark.parametrize(
    ("url", "make"),
    [
        (DECISIONS, lambda: a_decision(store=a_store(str(uuid4())))),
        (RULES, lambda: rules_of(a_store(str(uuid4())))),
        (BLOCKED, lambda: BlockedShopper.objects.create(shopper_id=str(uuid4()), store=a_store(str(uuid4())))),
    ],
)
def test_the_number_of_statements_does_not_grow(admin_client: Client, url: str, make: Callable[[], object]) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(url)
        return len(captured)

    make(), make()
    statements()
    with_few = statements()
    for _ in range(20):
        make()
    assert statements() == with_few
    assert with_few < 15
