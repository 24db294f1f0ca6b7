"""Whose trip it is, on the trip's page; and which trips are theirs, on the member's."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from loyalty.services.blocking import block_member
from loyalty.tests.people import a_member
from orders.models import Trip, TripIdentity
from payments.tests.admin_rows import a_trip, staff_with

pytestmark = pytest.mark.django_db


def page(client: Client, trip: Trip) -> str:
    answer = client.get(f"/admin/orders/trip/{trip.pk}/change/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_member_is_named_and_linked_for_those_who_may_see_members(client: Client) -> None:
    member = a_member("ada-1", name="Ada Demo")
    trip = a_trip(member=member)
    link = f"/admin/loyalty/member/{member.pk}/change/"

    client.force_login(staff_with("orders.view_trip", "loyalty.view_member", username="one"))
    assert link in page(client, trip)
    block_member(member, reason="Took a trolley.")
    assert "blocked" in page(client, trip)

    client.force_login(staff_with("orders.view_trip", username="two"))
    shown = page(client, trip)
    assert "ada-1" in shown
    assert link not in shown
    assert "Ada Demo" not in shown


def test_other_trips_of_the_member_are_listed_newest_first(admin_client: Client) -> None:
    member, now = a_member(), datetime.now(UTC)
    trips = [a_trip(member=member, received_at=now - timedelta(days=days)) for days in range(8)]
    stranger = a_trip()

    shown = page(admin_client, trips[3])

    links = [f"/admin/orders/trip/{trip.pk}/change/" for trip in trips]
    places = [shown.find(links[number], shown.index("Other trips")) for number in (0, 1, 2, 4, 5)]
    assert places == sorted(places)
    assert places[0] > 0
    for absent in (links[6], links[7], f"/admin/orders/trip/{stranger.pk}/change/"):
        assert absent not in shown


def test_trips_of_the_same_card_belong_together_without_a_member(admin_client: Client) -> None:
    first, second = (a_trip(shopper_id="card-1") for _ in range(2))
    for trip in (first, second):
        TripIdentity.objects.create(trip=trip, value="card-1", rank=0)
    loyalty_alone = a_trip()
    TripIdentity.objects.create(trip=loyalty_alone, value="card-1", rank=2)

    shown = page(admin_client, first)

    assert "No member. Amazon's cart names the shopper" in shown
    assert f"/admin/orders/trip/{second.pk}/change/" in shown
    assert f"/admin/orders/trip/{loyalty_alone.pk}/change/" not in shown


def test_a_trip_of_nobody_says_so(admin_client: Client) -> None:
    assert "does not say who shopped" in page(admin_client, a_trip())


def test_the_number_of_statements_does_not_grow_with_the_trips(admin_client: Client) -> None:
    member = a_member()
    trip = a_trip(member=member)
    a_trip(member=member)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(admin_client, trip)
        return len(captured)

    statements()
    before = statements()
    for _ in range(10):
        a_trip(member=member)
    assert statements() == before


def test_the_members_page_lists_the_last_trips_in_the_same_number_of_statements(admin_client: Client) -> None:
    member = a_member()
    trip = a_trip(member=member, total="7.10")
    a_trip(member=member)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            shown = admin_client.get(f"/admin/loyalty/member/{member.pk}/change/").content.decode()
        assert f"/admin/orders/trip/{trip.pk}/change/" in shown or member.trips.count() > 10
        return len(captured)

    assert "$7.10" in admin_client.get(f"/admin/loyalty/member/{member.pk}/change/").content.decode()
    statements()
    before = statements()
    for _ in range(8):
        a_trip(member=member)
    assert statements() == before
