"""The trips before and after one in the list that its page was opened from."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from core.admin import neighbours
from orders.models import Trip
from payments.tests.admin_rows import a_store, a_trip, staff_with
from staff.models import User

pytestmark = pytest.mark.django_db


def beside(trip: Trip, person: User, filters: str = "") -> tuple[Trip | None, ...]:
    request = RequestFactory().get("/", {"_changelist_filters": filters})
    request.user = person
    return tuple(pk and Trip.objects.get(pk=pk) for pk in neighbours(admin.site._registry[Trip], request, trip))


def trips_in_a_row(count: int, **fields: object) -> list[Trip]:
    """The newest first."""
    start = datetime.now(UTC) - timedelta(hours=3)
    return [a_trip(received_at=start - timedelta(minutes=number), **fields) for number in range(count)]


def test_they_are_those_of_the_whole_list(admin_user: User) -> None:
    first, second, third = trips_in_a_row(3)

    assert beside(second, admin_user) == (first, third)
    assert beside(first, admin_user) == (None, second)
    assert beside(third, admin_user) == (second, None)


def test_trips_of_one_moment_come_one_after_the_other(admin_user: User) -> None:
    at = datetime.now(UTC)
    one, two, three = (a_trip(received_at=at) for _ in range(3))

    assert beside(two, admin_user) == (three, one)


def test_they_fit_the_filters_search_and_stores(admin_user: User) -> None:
    elsewhere = a_store("Elsewhere")
    newest, middle, oldest = trips_in_a_row(3)
    paid = a_trip("paid", total="1.00", received_at=middle.received_at + timedelta(seconds=1), store=elsewhere)
    person = staff_with("orders.view_trip", sees_all_stores=False)
    person.stores.add(a_store())

    assert beside(middle, admin_user) == (paid, oldest)
    assert beside(middle, admin_user, "state__exact=priced&p=3") == (newest, oldest)
    assert beside(middle, person) == (newest, oldest)
    assert beside(middle, admin_user, urlencode({"q": middle.amazon_trip_id})) == (None, None)


@pytest.mark.parametrize("filters", ["no_such_field=1", "store__id__exact=x", "e=1", "%%%", "o=1.2.x"])
def test_an_address_that_nobody_understands_has_no_neighbours_or_all(admin_user: User, filters: str) -> None:
    trip = a_trip()
    assert beside(trip, admin_user, filters) == (None, None)


def test_it_takes_one_statement(admin_user: User) -> None:
    trip = trips_in_a_row(3)[1]
    request = RequestFactory().get("/", {"_changelist_filters": "state__exact=priced&p=4"})
    request.user = admin_user
    with CaptureQueriesContext(connection) as captured:
        neighbours(admin.site._registry[Trip], request, trip)
    assert len(captured) == 1
