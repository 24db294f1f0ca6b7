"""/reports/entries/: who was at the gate, why not, and what became of the trips."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from core.money import Money
from core.tests.staff import staff_with
from loyalty.services.erasure import anonymize_member
from loyalty.services.scan_keys import staleness
from loyalty.tests.conftest import ask as ask
from loyalty.tests.people import a_member, a_scan
from loyalty.tests.questions import KEYS, SCAN, identity_keys, scan
from orders.models import Trip
from payments.authorization import Advice, Rules, Shopper, decide
from payments.models import BlockedShopper, GateDecision
from payments.tests.admin_rows import a_charge, a_store, a_trip, paid_trip, review_trip
from payments.tests.gate_calls import advice, asker, owes, question, rules_of
from payments.tests.midday import MIDDAY_ZONE, TODAY
from reports.models import EntryDay, VisitDay
from reports.refusals import plain_reason
from reports.tests.rows import folded
from stores.models import Store

pytestmark = pytest.mark.django_db

PAGE = "/reports/entries/"
GATE, CARTS = "At the gate", "Carts"


@pytest.fixture
def store() -> Store:
    return a_store("Gate store", time_zone=MIDDAY_ZONE)


@pytest.fixture
def manager() -> Client:
    client = Client()
    client.force_login(staff_with("reports.view_reports", username="manager"))
    return client


def blocks(client: Client, query: str = "") -> dict[str, Any]:
    answer = client.get(f"{PAGE}?from={TODAY}&to={TODAY}{query}")
    assert answer.status_code == 200
    return {block.title: block for block in answer.context["report"].blocks}


def held_to_the_gate(ask: Any, store: Store, code: str) -> None:
    scanned = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    assert ask(KEYS, identity_keys(code, scanned=scanned, storeId=store.external_id)).status_code in {200, 401}


def test_codes_by_whether_and_as_whom_they_are_let_in(ask: Any, store: Store, manager: Client) -> None:
    a_member("ada-1", "ADA")
    a_member("bob-1", "BOB", kind="ASSOCIATE")
    a_member("eve-1", loyalty=("CARD-OF-EVE",))
    for code in ("ADA", "ADA", "BOB", "NOBODYS", "CARD-OF-EVE", "NOBODYS-EITHER"):
        held_to_the_gate(ask, store, code)
    for code in ("CARD-OF-EVE", "NOBODYS"):
        assert ask(SCAN, {**scan(code), "storeId": store.external_id}).status_code == 200
    folded()

    total = blocks(manager, "&group=day")[GATE].total
    reasons = blocks(manager, "&group=reason")[GATE].rows

    assert (total["scans"], total["let_in"], total["refused"], total["associates"]) == (6, 3, 3, 1)
    assert total["accepted_share"] == Decimal("0.5")
    assert (total["loyalty_scans"], total["loyalty_refused"]) == (2, 1)
    assert [(row["door"], row["reason"], row["refusals"]) for row in reasons] == [
        ("Code at the gate", "Nobody has this code.", 2),
        ("Code at the gate", "A loyalty card opens no gate.", 1),
        ("Loyalty scan", "Nobody has this code.", 1),
    ]
    assert reasons[1]["share"] == Decimal(1) / 3


def test_the_same_call_again_is_the_same_scan(ask: Any, store: Store, manager: Client) -> None:
    body = identity_keys("NOBODYS", storeId=store.external_id)
    for _ in range(3):
        ask(KEYS, body)
    folded()

    assert blocks(manager)[GATE].total["scans"] == 1


def test_cards_by_what_was_decided_and_why(client: Client, store: Store, manager: Client) -> None:
    rules_of(store)
    BlockedShopper.objects.create(shopper_id="blocked", store=store, reason="Broke the gate")
    owes("debtor", "7.25", store=store)
    ask = asker(client)
    for shopper, says in (
        ("amzn1.card.1", advice(True)),
        ("blocked", advice(True)),
        ("debtor", advice(True)),
        ("amzn1.card.2", advice(False)),
    ):
        body = question(store.external_id, **says) | {"shopperIdentity": {"id": shopper}}
        assert ask(body).status_code == 200
    folded()

    total = blocks(manager, "&group=store")[GATE].total
    reasons = blocks(manager, "&group=reason")[GATE].rows

    assert (total["cards"], total["cards_let_in"], total["cards_refused"], total["fallbacks"]) == (4, 1, 3, 0)
    assert total["cards_accepted_share"] == Decimal("0.25")
    assert [row["reason"] for row in reasons] == [
        "Amazon advises to refuse.",
        "Blocked.",
        "Owes for earlier trips.",
    ]


def test_a_fallback_is_counted_as_one(store: Store, manager: Client) -> None:
    GateDecision.objects.create(
        store=store,
        amazon_trip_id="T",
        event_id="E",
        shopper_id="S",
        is_authorized=True,
        is_fallback=True,
        reasons=["The rules could not be read in time; until they can, everybody is let in here."],
    )
    folded()

    total = blocks(manager)[GATE].total

    assert (total["cards"], total["cards_let_in"], total["fallbacks"]) == (1, 1, 1)


def test_trips_with_and_without_purchase_and_what_still_waits(store: Store, manager: Client) -> None:
    paid_trip("5.00", store=store)
    paid_trip("6.00", store=store)
    a_trip("no_charge", total="0.00", store=store, item_count=0)
    review_trip("MYSTERY", store=store)
    a_charge(a_trip("collecting", total="5.00", store=store), "adjusting")
    a_trip("expired", total="5.00", store=store)
    a_trip("priced", total="5.00", store=store)  # a Dash Cart's: collected elsewhere
    folded()

    block = blocks(manager, "&group=hour")[CARTS]

    total = block.total
    assert (total["trips"], total["purchases"], total["empty"], total["conversion"]) == (7, 5, 1, Decimal(5) / 7)
    assert (total["unpriced"], total["uncharged"], total["expired"]) == (1, 1, 1)
    assert sum(row["trips"] for row in block.rows) == 7
    assert len(block.rows) == 24
    assert (block.unpriced, block.uncollected) == (1, 1)


def test_a_cart_that_is_priced_later_is_counted_anew(store: Store, manager: Client) -> None:
    trip = a_trip("collecting", total="5.00", store=store)
    charge = a_charge(trip, "adjusting")
    folded()
    assert blocks(manager)[CARTS].total["uncharged"] == 1

    Trip.objects.filter(pk=trip.pk).update(state="paid")
    charge.events.create(kind="capture", phase="succeeded", key="1", currency="USD")
    folded()

    assert blocks(manager)[CARTS].total["uncharged"] == 0


@pytest.mark.parametrize(
    ("zone", "day", "hours"), [("America/New_York", date(2026, 11, 1), 25), ("Asia/Kolkata", date(2026, 3, 10), 24)]
)
def test_hours_are_those_of_the_stores_clock(zone: str, day: date, hours: int) -> None:
    store = a_store("Clock", time_zone=zone)
    begin = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for number in range(-1, hours + 1):
        at = begin + timedelta(hours=number, minutes=10)
        a_scan(None, store, received_at=at, is_accepted=False)
        GateDecision.objects.create(
            store=store, shopper_id="S", event_id=str(number), is_authorized=True, decided_at=at
        )
        a_trip("paid", total="1.00", store=store, received_at=at)
    call_command("rebuild_rollups", "--from", str(day), "--to", str(day), stdout=StringIO())

    expected = [begin + timedelta(hours=number) for number in range(hours)]
    for rows in (
        EntryDay.objects.filter(door="code"),
        EntryDay.objects.filter(door="card"),
        VisitDay.objects.all(),
    ):
        assert list(rows.order_by("hour").values_list("hour", flat=True)) == expected


def test_why_somebody_was_refused_goes_with_their_personal_data(ask: Any, store: Store) -> None:
    member = a_member("ada-1", "ADA", loyalty=("ADA-CARD",))
    held_to_the_gate(ask, store, "ADA-CARD")
    folded()
    assert EntryDay.objects.get().reason == "A loyalty card opens no gate."

    anonymize_member(member)
    with pytest.raises(CommandError, match="differ"):
        call_command("rebuild_rollups", "--check", stdout=StringIO())
    folded()

    assert EntryDay.objects.get().reason == "Not written down."


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


RULES = Rules(True, frozenset({"BadDebt"}), True, usd("0"))
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sentence", "plain"),
    [
        (decide(RULES, Shopper(block="Ada stole"), advice=Advice()).reasons[0], "Blocked."),
        (decide(RULES, Shopper(block=""), advice=Advice()).reasons[0], "Blocked."),
        (decide(RULES, Shopper(debts=(usd("4.20"),)), advice=Advice()).reasons[0], "Owes for earlier trips."),
        (
            decide(RULES, Shopper(), advice=Advice(risks=("BAD_DEBT",))).reasons[0],
            "Amazon names the risk BAD_DEBT.",
        ),
        (staleness(NOW, scanned=NOW + timedelta(hours=1)), "The code was too old."),
        (staleness(NOW, scanned=NOW - timedelta(hours=1)), "The code was scanned before it was issued."),
        ("", "Not written down."),
        (None, "Not written down."),
    ],
)
def test_reasons_say_neither_whom_nor_how_much(sentence: str | None, plain: str) -> None:
    assert plain_reason(sentence) == plain


def test_only_ones_own_stores(store: Store) -> None:
    elsewhere = a_store("Elsewhere", time_zone=MIDDAY_ZONE)
    for place in (store, elsewhere, elsewhere):
        a_scan(None, place, is_accepted=False, reason="Nobody has this code.")
        a_trip("paid", total="1.00", store=place)
    folded()
    person = staff_with("reports.view_reports", sees_all_stores=False)
    person.stores.add(store)
    client = Client()
    client.force_login(person)

    found = blocks(client)

    assert (found[GATE].total["scans"], found[CARTS].total["trips"]) == (1, 1)
    assert blocks(client, "&group=reason")[GATE].total["refusals"] == 1


def test_files_and_json_say_the_same(store: Store, manager: Client) -> None:
    a_scan(None, store, is_accepted=False, reason="Nobody has this code.")
    folded()
    asked = f"from={TODAY}&to={TODAY}&group=reason"

    lines = b"".join(manager.get(f"{PAGE}csv/?{asked}").streaming_content).decode().splitlines()
    answer = manager.get(f"/api/v1/reports/entries/?{asked}").json()

    assert lines[-3:] == [
        "Part,Where,Reason,Refused,Of the refused there",
        "At the gate,Code at the gate,Nobody has this code.,1,1.0000",
        "At the gate,Total,,1,",
    ]
    assert manager.get(f"{PAGE}xlsx/?{asked}").status_code == 200
    (part,) = answer["parts"]
    assert (part["part"], part["rows"][0]["refusals"], part["total"]["refusals"]) == ("At the gate", 1, 1)
