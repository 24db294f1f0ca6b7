"""Warning of trips whose card's token is about to end."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from orders.models import Trip, TripEvent
from payments.models import Charge
from payments.services import deadlines
from payments.services.deadlines import warn_of_deadlines
from payments.services.trip_page import trip_page, trips_with_page
from payments.tasks import warn_of_deadlines as task
from payments.tests.admin_rows import a_charge, a_store, a_trip
from staff.models import User

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)


def begun(hours_ago: float) -> dict[str, Any]:
    return {"started_at": NOW - timedelta(hours=hours_ago)}


def collecting(hours_ago: float = 40, **fields: Any) -> Trip:
    """Amazon was asked for the money and has not decided."""
    trip = a_trip("collecting", total="6.88", **(begun(hours_ago) | fields))
    a_charge(trip, "adjusting", next_attempt_at=NOW)
    return trip


def warned() -> set[str]:
    events = TripEvent.objects.filter(kind="deadline_near")
    return set(events.values_list("trip__amazon_trip_id", flat=True))


def test_what_is_not_collected_near_its_deadline_is_warned_of() -> None:
    """The token lives 46 hours, and 12 hours before its end are near."""
    near = [collecting(35), collecting(50), a_trip("received", **begun(35)), a_trip("review", **begun(35))]
    collecting(33)
    a_trip("received", **begun(33))
    a_trip("paid", total="1.00", **begun(40))

    assert warn_of_deadlines(NOW) == 4
    assert warned() == {trip.amazon_trip_id for trip in near}


def test_the_warning_stands_on_the_timeline_with_the_time() -> None:
    trip = collecting(40)

    task()

    content = trip_page(trips_with_page(Trip.objects.all()).get(pk=trip.pk), seen_by=User(is_superuser=True))
    [entry] = [entry for entry in content.story if "deadline" in entry.title]
    assert entry.title == "Near the deadline, and not collected yet"
    assert f"{trip.deadline:%Y-%m-%d %H:%M} UTC" in entry.detail
    assert (entry.actor, str(entry.amount), entry.tone) == ("system", "$6.88", "warning")


def test_each_trip_is_warned_of_once() -> None:
    trip = collecting()
    warn_of_deadlines(NOW)

    assert warn_of_deadlines(NOW + timedelta(hours=1)) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        TripEvent.objects.create(trip=trip, kind=TripEvent.Kind.DEADLINE_NEAR)


def test_another_kind_of_event_may_stand_twice() -> None:
    """The negative control of the constraint."""
    trip = collecting()
    for _ in range(2):
        TripEvent.objects.create(trip=trip, kind=TripEvent.Kind.HELD)

    assert trip.events.count() == 2


def test_it_expires_nothing() -> None:
    trip = collecting(1000)

    warn_of_deadlines(NOW)

    charge = Charge.objects.get()
    assert (charge.state, charge.next_attempt_at, charge.trip.state) == ("adjusting", NOW, "collecting")
    assert trip.events.count() == 1


def test_what_a_members_account_pays_has_no_deadline() -> None:
    own = a_store("Members only", card_flow="OWN_PROCESSOR", app_flow="OWN_PROCESSOR")
    collecting(store=own)
    a_trip("received", store=own, **begun(40))

    assert warn_of_deadlines(NOW) == 0


def test_a_trip_with_an_app_goes_by_the_flow_of_app_entries() -> None:
    store = a_store("Apps by Amazon", card_flow="OWN_PROCESSOR", app_flow="CHECKOUT_SERVICE")
    by_app = a_trip("review", store=store, entry="APP", **begun(40))
    a_trip("review", store=store, entry="CARD", **begun(40))

    warn_of_deadlines(NOW)

    assert warned() == {by_app.amazon_trip_id}


def test_a_charge_at_rest_is_not_warned_of() -> None:
    a_charge(a_trip("failed", total="1.00", **begun(40)), "failed")

    assert warn_of_deadlines(NOW) == 0


def test_many_are_warned_of_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "BATCH", 3)
    for _ in range(7):
        collecting()

    with CaptureQueriesContext(connection) as queries:
        assert warn_of_deadlines(NOW) == 7

    assert sum(query["sql"].startswith("INSERT") for query in queries) == 3


def test_the_log_has_one_line_with_the_counts_and_none_when_there_is_nothing_new(
    caplog: pytest.LogCaptureFixture,
) -> None:
    collecting()
    a_trip("review", **begun(40))
    a_trip("review", **begun(40))

    with caplog.at_level(logging.WARNING):
        warn_of_deadlines(NOW)
        warn_of_deadlines(NOW)

    assert caplog.messages == ["3 trips came near the deadline for collecting: 2 wait for a price, 1 for Amazon"]
