"""A page of a list holds the same rows in the same order, whichever way it is read (core.admin.paging)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from orders.models import Trip
from payments.tests.admin_rows import a_refund, a_store, a_trip, paid_trip, staff_with

TRIPS = "/admin/orders/trip/"
REFUNDS = "/admin/payments/refund/"

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["few rows", "many rows"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many rows there are a thousand and more, which no test wants to write."""
    monkeypatch.setattr("core.admin.paging.FEW", 1_000 if request.param == "few rows" else 0)


@pytest.fixture
def trips() -> list[Trip]:
    """Of three stores in turns, two of them in one moment, the newest first."""
    start = datetime.now(UTC) - timedelta(hours=3)
    stores = [a_store("One"), a_store("Two"), a_store("Three")]
    made = [a_trip(store=stores[n % 3], received_at=start + timedelta(minutes=n // 2)) for n in range(24)]
    return made[::-1]


def pages(client: Client, url: str, count: int) -> list[int]:
    listed = []
    for number in range(1, count + 1):
        rows = client.get(f"{url}{'&' if '?' in url else '?'}p={number}").context["cl"].result_list
        listed += [row.pk for row in rows]
    return listed


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("names", "query"), [(["One", "Two"], ""), (["One"], ""), (["One", "Two"], "?entry__exact=CARD")]
)
def test_somebody_of_some_stores_finds_all_of_theirs_in_order(
    client: Client, trips: list[Trip], monkeypatch: pytest.MonkeyPatch, names: list[str], query: str
) -> None:
    monkeypatch.setattr("payments.admin.trips.TripAdmin.list_per_page", 5)
    person = staff_with("orders.view_trip", sees_all_stores=False)
    person.stores.add(*(a_store(name) for name in names))
    client.force_login(person)
    theirs = [trip.pk for trip in trips if trip.store.name in names]

    assert pages(client, TRIPS + query, -(-len(theirs) // 5)) == theirs


@pytest.mark.usefixtures("way")
def test_somebody_of_all_stores_finds_all_in_order(
    admin_client: Client, trips: list[Trip], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.admin.trips.TripAdmin.list_per_page", 5)
    assert pages(admin_client, TRIPS, 5) == [trip.pk for trip in trips]
    assert pages(admin_client, f"{TRIPS}?store__id__exact={a_store('Two').pk}", 2) == [
        trip.pk for trip in trips if trip.store.name == "Two"
    ]


@pytest.mark.usefixtures("way")
def test_refunds_bear_their_trips_store(client: Client) -> None:
    mine, also_mine, other = (paid_trip(store=a_store(name)) for name in ("One", "Two", "Three"))
    refunds = [a_refund(trip, "1.00") for trip in (mine, other, also_mine, mine)]
    person = staff_with("payments.view_refund", sees_all_stores=False)
    person.stores.add(mine.store, also_mine.store)
    client.force_login(person)

    assert pages(client, REFUNDS, 1) == [refunds[n].pk for n in (3, 2, 0)]
