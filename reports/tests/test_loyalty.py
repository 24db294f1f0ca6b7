"""/reports/loyalty/: members beside other shoppers, and their points."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.tests.staff import staff_with
from loyalty.models import Member, PointsEntry
from loyalty.tests.people import a_member
from orders.services.members import link_trips_of
from payments.tests.midday import MIDDAY_ZONE, TODAY
from payments.tests.trips import a_store, captured_trip, priced_trip, queued_refund, sent
from reports.models import PointsDay
from reports.tests.rows import a_paid_trip, counted, folded
from sandbox.testing import SandboxProcess
from stores.models import Store

pytestmark = pytest.mark.django_db

PAGE = "/reports/loyalty/"
MONDAY = date(2026, 3, 9)


@pytest.fixture
def store() -> Store:
    return a_store("POINTS", points_per_unit=Decimal("1.5"), time_zone=MIDDAY_ZONE)


@pytest.fixture
def manager() -> Client:
    client = Client()
    client.force_login(staff_with("reports.view_reports", username="boss"))
    return client


def block_of(client: Client, first: date, last: date, query: str = "", currency: str = "USD") -> Any:
    answer = client.get(f"{PAGE}?from={first}&to={last}{query}")
    assert answer.status_code == 200
    return next(block for block in answer.context["report"].blocks if block.currency == currency)


def test_members_beside_others(store: Store, manager: Client) -> None:
    ada, bob = a_member("ada-1"), a_member("bob-1")
    a_paid_trip(store, MONDAY, "10.00", member=ada)
    a_paid_trip(store, MONDAY, "20.00", member=bob)
    a_paid_trip(store, MONDAY, "12.00")
    a_paid_trip(store, MONDAY, "0.00", member=bob)
    a_paid_trip(store, MONDAY + timedelta(days=1), "6.00", member=ada)
    counted()

    block = block_of(manager, MONDAY, MONDAY + timedelta(days=2), "&group=day")

    assert [(row["trips"], row["member_trips"], row["active"]) for row in block.rows] == [
        (4, 3, 2),
        (1, 1, 1),
        (0, 0, 0),
    ]
    total = block.total
    assert (total["trips"], total["member_trips"], total["member_share"]) == (5, 4, Decimal("0.8"))
    assert total["active"] == 2  # and not 3: who came on both days is one
    assert (total["sales"], total["member_sales"]) == (Decimal("48.00"), Decimal("36.00"))
    assert (total["member_basket"], total["other_basket"]) == (Decimal("12.00"), Decimal("12.00"))
    assert total["member_sales_share"] == Decimal("0.75")


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("week", [(MONDAY, 2), (MONDAY + timedelta(days=7), 1)]),
        ("month", [("2026-03", 2)]),
        ("store", [("POINTS", 2)]),
    ],
)
def test_who_comes_often_is_one_in_each_row(
    store: Store, manager: Client, group: str, expected: list[tuple[Any, int]]
) -> None:
    ada, bob = a_member("ada-1"), a_member("bob-1")
    for day, member in ((0, ada), (6, ada), (6, bob), (7, ada)):
        a_paid_trip(store, MONDAY + timedelta(days=day), member=member, hour=23)
    counted()

    block = block_of(manager, MONDAY, MONDAY + timedelta(days=8), f"&group={group}")

    assert [(row["group"], row["active"]) for row in block.rows] == expected
    assert block.total["active"] == 2


def test_days_end_at_each_stores_own_midnight(manager: Client) -> None:
    tokyo, lima = a_store("TOKYO", time_zone="Asia/Tokyo"), a_store("LIMA", time_zone="America/Lima")
    ada = a_member("ada-1")
    for store in (tokyo, lima):
        a_paid_trip(store, MONDAY, member=ada, hour=0)
        a_paid_trip(store, MONDAY, member=ada, hour=23)
    a_paid_trip(lima, MONDAY + timedelta(days=1), member=a_member("bob-1"), hour=0)
    counted()

    block = block_of(manager, MONDAY, MONDAY, "&group=day")

    assert [(row["group"], row["active"], row["trips"]) for row in block.rows] == [(MONDAY, 1, 4)]
    assert block.total["active"] == 1


def test_currencies_stay_apart(store: Store, manager: Client) -> None:
    ada = a_member("ada-1")
    a_paid_trip(store, MONDAY, "10.00", member=ada)
    a_paid_trip(a_store("TOKYO", time_zone="Asia/Tokyo", currency="JPY"), MONDAY, "450", member=ada)
    counted()

    yen = block_of(manager, MONDAY, MONDAY, currency="JPY").total
    dollars = block_of(manager, MONDAY, MONDAY).total

    assert (yen["member_sales"], yen["active"]) == (Decimal(450), 1)
    assert (dollars["member_sales"], dollars["active"]) == (Decimal("10.00"), 1)


def test_new_members_are_those_of_all_stores_and_no_associates(store: Store, manager: Client) -> None:
    noon = datetime(2026, 3, 9, 12, tzinfo=UTC)
    for number, kind in enumerate(("SHOPPER", "SHOPPER", "ASSOCIATE")):
        member = a_member(f"member-{number}", kind=kind)
        Member.objects.filter(pk=member.pk).update(created_at=noon + timedelta(days=number))
    a_paid_trip(store, MONDAY)
    counted()

    by_day = block_of(manager, MONDAY - timedelta(days=1), MONDAY + timedelta(days=4), "&group=day")
    by_store = block_of(manager, MONDAY - timedelta(days=1), MONDAY + timedelta(days=4), "&group=store")

    assert sum(row["new"] for row in by_day.rows) == by_day.total["new"] == 2
    assert max(row["new"] for row in by_day.rows) == 1
    assert (by_store.rows[0]["new"], by_store.total["new"]) == (None, 2)


def test_points_follow_the_money(sandbox: SandboxProcess, store: Store, manager: Client) -> None:
    a_member("ada-1")
    trip = captured_trip(sandbox, ("6.25", "2"), store=store, shopper="ada-1")
    folded()
    assert block_of(manager, TODAY, TODAY).total["points_earned"] == 18  # 12.50 × 1.5 = 18.75

    sent(queued_refund(trip, "2.00"))
    folded()

    total = block_of(manager, TODAY, TODAY).total
    assert (total["points_earned"], total["points_taken_back"]) == (18, 3)
    ledger = sum(PointsEntry.objects.values_list("points", flat=True))
    assert total["points_earned"] - total["points_taken_back"] == ledger


def test_points_of_a_member_who_becomes_known_later(sandbox: SandboxProcess, store: Store, manager: Client) -> None:
    trip = captured_trip(sandbox, ("6.25", "2"), store=store, shopper="app-7")
    sent(queued_refund(trip, "2.00"))
    folded()
    assert not PointsDay.objects.exists()

    link_trips_of(Member.objects.create(external_id="ada"), ["app-7"])
    folded()

    total = block_of(manager, TODAY, TODAY).total
    assert (total["points_earned"], total["points_taken_back"]) == (18, 3)
    assert (total["member_trips"], total["active"]) == (1, 1)


def test_only_ones_own_stores(store: Store) -> None:
    ada = a_member("ada-1")
    a_paid_trip(store, MONDAY, "10.00", member=ada)
    for number in range(3):
        a_paid_trip(a_store("ELSEWHERE"), MONDAY, "99.00", member=a_member(f"member-{number}"))
    counted()
    person = staff_with("reports.view_reports", sees_all_stores=False)
    person.stores.add(store)
    client = Client()
    client.force_login(person)

    total = block_of(client, MONDAY, MONDAY).total

    assert (total["trips"], total["active"], total["member_sales"]) == (1, 1, Decimal("10.00"))


def test_a_page_takes_as_many_statements_however_much_there_is(store: Store) -> None:
    person = staff_with("reports.view_reports", sees_all_stores=False)
    person.stores.add(store)
    client = Client()
    client.force_login(person)

    def statements() -> int:
        block_of(client, MONDAY, MONDAY)
        with CaptureQueriesContext(connection) as queries:
            block_of(client, MONDAY, MONDAY)
        return len(queries)

    a_paid_trip(store, MONDAY, member=a_member("ada-1"))
    counted()
    few = statements()
    for number in range(5):
        other = a_store(f"SHOP-{number}", time_zone="Asia/Tokyo", currency="EUR" if number % 2 else "USD")
        person.stores.add(other)
        a_paid_trip(other, MONDAY, member=a_member(f"member-{number}"))
    counted()

    assert statements() == few < 10


def test_a_trip_that_has_no_member_earns_nothing(store: Store) -> None:
    priced_trip(("10.00", "1"), store=store)
    folded()

    assert not PointsDay.objects.exists()
