"""Dash Carts and house accounts in the admin: read only."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from loyalty.models import Member
from payments.models import AccountEntry, DashCartCharge
from payments.tests.admin_rows import a_store, a_trip, staff_with

CARTS = "/admin/payments/dashcartcharge/"
ACCOUNTS = "/admin/payments/accountentry/"

pytestmark = pytest.mark.django_db


def a_member(external_id: str = "MEMBER-1") -> Member:
    return Member.objects.get_or_create(external_id=external_id)[0]


def a_charge(state: str = "captured", **fields: object) -> DashCartCharge:
    is_captured = state == "captured"
    defaults = {
        "store": a_store(has_dash_cart=True),
        "amazon_trip_id": str(uuid4()),
        "member": a_member(),
        "auth_token": uuid4().hex,
        "amount": Decimal("12.45") if is_captured else None,
        "currency": "USD",
        "ended_at": None if state == "held" else timezone.now(),
    }
    return DashCartCharge.objects.create(state=state, **(defaults | fields))


def an_entry(member: str = "MEMBER-1") -> AccountEntry:
    return AccountEntry.objects.create(
        member=a_member(member), store=a_store(), amount=Decimal("12.45"), currency="USD", reference=str(uuid4())
    )


def found(client: Client, url: str) -> list[int]:
    answer = client.get(url)
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


@pytest.mark.parametrize(
    ("state", "why"), [("captured", "A Dash Cart collects this trip"), ("cancelled", "Nothing is captured yet")]
)
def test_a_trip_that_a_dash_cart_pays_says_why_it_is_not_refunded(admin_client: Client, state: str, why: str) -> None:
    trip = a_trip("priced", total="12.45", store=a_store(has_dash_cart=True))
    a_charge(state, amazon_trip_id=trip.amazon_trip_id)

    assert why in admin_client.get(f"/admin/orders/trip/{trip.pk}/change/").content.decode()


def test_carts_are_listed_and_found(admin_client: Client) -> None:
    captured, held = a_charge(), a_charge("held")

    page = admin_client.get(CARTS).content.decode()

    assert "$12.45" in page
    assert "MEMBER-1" in page
    assert found(admin_client, f"{CARTS}?state__exact=held") == [held.pk]
    assert found(admin_client, f"{CARTS}?q={captured.amazon_trip_id}") == [captured.pk]
    assert found(admin_client, f"{CARTS}?q={captured.amazon_trip_id[:8]}") == []


def test_token_of_a_hold_is_not_shown(admin_client: Client) -> None:
    charge = a_charge("held")

    assert charge.auth_token not in admin_client.get(f"{CARTS}{charge.pk}/change/").content.decode()


def test_entries_are_found_by_member(admin_client: Client) -> None:
    mine, _ = an_entry("MEMBER-1"), an_entry("MEMBER-2")

    assert found(admin_client, f"{ACCOUNTS}?q=MEMBER-1") == [mine.pk]
    assert "$12.45" in admin_client.get(f"{ACCOUNTS}{mine.pk}/change/").content.decode()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("held", ["house account of MEMBER-1 named"]),
        ("captured", ["Taken from the house account of MEMBER-1 <strong>$12.45</strong>"]),
        ("cancelled", ["cancelled, nothing is held", "Not collected"]),
    ],
)
def test_trips_timeline_shows_its_dash_cart(state: str, words: list[str], admin_client: Client) -> None:
    store = a_store(has_dash_cart=True)
    trip = a_trip("priced", total="12.45", entry="APP", store=store)
    a_charge(state, amazon_trip_id=trip.amazon_trip_id)

    page = " ".join(admin_client.get(f"/admin/orders/trip/{trip.pk}/change/").content.decode().split())

    for word in words:
        assert word in page
    assert ("<h2>Not collected</h2>" in page) is (state == "cancelled")


@pytest.mark.parametrize("url", [CARTS, ACCOUNTS])
def test_nobody_adds_or_deletes(url: str, admin_client: Client) -> None:
    row = a_charge() if url == CARTS else an_entry()

    assert admin_client.get(f"{url}add/").status_code == 403
    assert admin_client.post(f"{url}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert type(row).objects.exists()


@pytest.mark.parametrize("url", [CARTS, ACCOUNTS])
def test_lists_need_their_rights_and_say_what_they_are_for(url: str, client: Client, admin_client: Client) -> None:
    assert "appears here" in admin_client.get(url).content.decode()

    client.force_login(staff_with("orders.view_trip"))

    assert client.get(url).status_code == 403


@pytest.mark.parametrize("url", [CARTS, ACCOUNTS])
def test_the_number_of_statements_does_not_grow(url: str, admin_client: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(url)
        return len(captured)

    def make(number: int) -> None:
        a_charge(member=a_member(str(number))), an_entry(str(number))

    make(1), make(2)
    statements()
    before = statements()
    for number in range(3, 20):
        make(number)
    assert statements() == before
    assert before < 15
