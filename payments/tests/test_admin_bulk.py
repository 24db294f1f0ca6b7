"""Many trips at once, as staff do it: tick, see what would be done, start, see what came of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import Trip
from payments.models import BulkItem, BulkJob, BulkLimit, Charge, Refund, RefundReason
from payments.tasks import bulk_due
from payments.tests.admin_rows import (
    a_product,
    a_refund,
    a_store,
    failed_trip,
    paid_trip,
    review_trip,
    staff_with,
)
from staff.models import User

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/trip/"
RIGHTS = ("orders.view_trip", "orders.change_trip", "payments.view_bulkjob", "payments.retry_charge")


@pytest.fixture
def person() -> User:
    person: User = staff_with(*RIGHTS, "payments.request_refund")
    return person


@pytest.fixture
def staff(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def plan(staff: Client, kind: str, *trips: Trip, **fields: Any) -> Any:
    ticked = {"action": f"bulk_{kind}", "_selected_action": [trip.pk for trip in trips], **fields}
    return staff.post(LIST, ticked, follow=True)


def start(staff: Client, **words: str) -> Any:
    return staff.post(f"/admin/payments/bulkjob/{BulkJob.objects.get().pk}/start/", words, follow=True)


def reason(label: str) -> str:
    return str(RefundReason.objects.get(label=label).pk)


def states() -> dict[int, str]:
    return dict(BulkItem.objects.values_list("trip", "state"))


def test_the_plan_says_what_would_be_done_and_left_out_and_does_nothing(staff: Client) -> None:
    page = plan(staff, "refund", paid_trip("6.88"), paid_trip("3.12"), failed_trip()).content.decode()

    assert "Refund whole trips: 2 trips, $10.00" in page
    assert "1 × Nothing is captured yet" in page or "1 × Nothing was captured for this trip" in page
    assert not Refund.objects.exists()
    bulk_due()
    assert not Refund.objects.exists()


def test_whole_trips_are_refunded_with_a_result_for_each(staff: Client) -> None:
    trips = [paid_trip("6.88"), paid_trip("3.12")]
    plan(staff, "refund", *trips)

    start(staff, reason=reason("Wrong quantity"), note="the gate was stuck")
    bulk_due()

    assert sorted(Refund.objects.values_list("amount", "reason", "reason_label", "note")) == [
        (Decimal("3.12"), "JWO_TECH_ERROR", "Wrong quantity", "the gate was stuck"),
        (Decimal("6.88"), "JWO_TECH_ERROR", "Wrong quantity", "the gate was stuck"),
    ]
    page = staff.get(f"/admin/payments/bulkjob/{BulkJob.objects.get().pk}/change/").content.decode()
    assert "2 of 2" in page
    assert "Refund of $6.88 queued." in page


def test_starting_twice_or_in_two_tabs_refunds_once(staff: Client) -> None:
    plan(staff, "refund", paid_trip())

    start(staff, reason=reason("Other"))
    bulk_due()
    again = start(staff, reason=reason("Other")).content.decode()
    bulk_due()

    assert "is done already" in again
    assert Refund.objects.count() == 1


def test_without_a_reason_nothing_starts(staff: Client) -> None:
    plan(staff, "refund", paid_trip())

    page = start(staff).content.decode()

    assert "This field is required" in page
    assert BulkJob.objects.get().state == "draft"


def test_what_was_planned_is_what_is_done(staff: Client) -> None:
    changed, unchanged = paid_trip("6.88"), paid_trip("3.12")
    plan(staff, "refund", changed, unchanged)
    a_refund(changed, "2.00")

    start(staff, reason=reason("Other"))
    bulk_due()

    assert states() == {changed.pk: "failed", unchanged.pk: "done"}
    assert BulkJob.objects.get().state == "done"


def test_what_has_failed_can_be_tried_again_and_the_rest_stays(staff: Client) -> None:
    failing, done = failed_trip(), failed_trip()
    plan(staff, "collect", failing, done)
    Charge.objects.filter(trip=failing).update(state="captured")
    start(staff)
    bulk_due()
    assert states() == {failing.pk: "failed", done.pk: "done"}

    staff.post(f"/admin/payments/bulkjob/{BulkJob.objects.get().pk}/try-again/")

    assert states() == {failing.pk: "planned", done.pk: "done"}
    assert BulkJob.objects.get().state == "running"


def test_failed_charges_are_collected_again(staff: Client) -> None:
    trips = [failed_trip(), failed_trip()]
    plan(staff, "collect", *trips)

    start(staff)
    bulk_due()

    assert {trip.charge.state for trip in Trip.objects.all()} == {"pending"}


def test_failed_refunds_are_sent_again_under_their_keys(staff: Client) -> None:
    trip = paid_trip()
    refund = a_refund(trip, "2.00", "failed")
    plan(staff, "send_refunds", trip, paid_trip())

    start(staff)
    bulk_due()

    again = Refund.objects.get()
    assert (again.refund_request_id, again.state, again.rounds) == (refund.refund_request_id, "queued", 2)


def test_an_unknown_item_is_named_once_for_all_trips_in_review(staff: Client) -> None:
    trips = [review_trip("MYSTERY"), review_trip("MYSTERY")]
    product = a_product(a_store(), "APPLE")
    page = plan(staff, "choose_product", *trips, paid_trip()).content.decode()
    assert "MYSTERY (MYSTERY), in 2 trips" in page
    assert "It is not in review: it is paid." in page

    start(staff, sku="MYSTERY", product_sku="APPLE")
    bulk_due()

    assert {trip.state for trip in Trip.objects.filter(pk__in=[trip.pk for trip in trips])} == {"priced"}
    assert product.name in staff.get(f"/admin/payments/bulkjob/{BulkJob.objects.get().pk}/change/").content.decode()


def test_a_product_of_another_store_is_refused(staff: Client) -> None:
    plan(staff, "choose_product", review_trip("MYSTERY"))
    a_product(a_store("Elsewhere"), "PEAR")

    page = start(staff, sku="MYSTERY", product_sku="PEAR").content.decode()

    assert "Corner shop sells no product with this SKU." in page
    assert BulkJob.objects.get().state == "draft"


def test_a_group_caps_how_many_trips_are_done_at_once(staff: Client, person: User) -> None:
    group = Group.objects.create(name="careful")
    person.groups.add(group)
    BulkLimit.objects.create(group=group, most_trips=1)

    page = plan(staff, "refund", paid_trip(), paid_trip()).content.decode()

    assert "You may act on 1 trips at once, and more are chosen." in page
    assert not BulkJob.objects.exists()


def test_all_that_match_the_filters_can_be_chosen(staff: Client) -> None:
    for _ in range(3):
        paid_trip()
    failed_trip()

    response = staff.post(
        f"{LIST}?state__exact=paid",
        {"action": "bulk_refund", "_selected_action": [Trip.objects.latest("pk").pk], "select_across": "1"},
        follow=True,
    )

    assert "Refund whole trips: 3 trips" in response.content.decode()


@pytest.mark.parametrize("missing", ["payments.request_refund", "payments.view_bulkjob"])
def test_without_the_right_no_job_is_planned(client: Client, missing: str) -> None:
    rights = {*RIGHTS, "payments.request_refund"} - {missing}
    client.force_login(staff_with(*rights))

    plan(client, "refund", paid_trip())

    assert not BulkJob.objects.exists()


def test_a_right_that_is_taken_away_stops_the_job(staff: Client, person: User) -> None:
    plan(staff, "refund", paid_trip())
    start(staff, reason=reason("Other"))
    person.user_permissions.clear()

    bulk_due()

    assert not Refund.objects.exists()
    assert set(states().values()) == {"failed"}


def test_a_store_that_is_taken_away_stops_the_job(staff: Client, person: User) -> None:
    plan(staff, "refund", paid_trip())
    start(staff, reason=reason("Other"))
    person.sees_all_stores = False
    person.save()

    bulk_due()

    assert not Refund.objects.exists()
    assert "does not see Corner shop any more" in BulkItem.objects.get().result


def test_nobody_else_starts_or_sees_a_job(staff: Client) -> None:
    plan(staff, "refund", paid_trip())
    stranger = Client()
    stranger.force_login(staff_with(*RIGHTS, "payments.request_refund", username="stranger"))

    page = f"/admin/payments/bulkjob/{BulkJob.objects.get().pk}"

    assert stranger.get(f"{page}/change/").status_code == 404
    assert stranger.post(f"{page}/start/", {"reason": reason("Other")}).status_code == 404
    assert BulkJob.objects.get().state == "draft"


def test_trips_of_other_stores_cannot_be_chosen(client: Client, person: User) -> None:
    person.sees_all_stores = False
    person.save()
    person.stores.add(a_store("Mine"))
    client.force_login(person)

    plan(client, "refund", paid_trip(store=a_store("Theirs")))

    assert not BulkJob.objects.exists()


def test_a_dropped_job_does_nothing(staff: Client) -> None:
    plan(staff, "refund", paid_trip())
    staff.post(f"/admin/payments/bulkjob/{BulkJob.objects.get().pk}/drop/")

    start(staff, reason=reason("Other"))
    bulk_due()

    assert BulkJob.objects.get().state == "dropped"
    assert not Refund.objects.exists()


def test_the_window_that_has_ended_leaves_a_trip_out(staff: Client) -> None:
    trip = paid_trip()
    trip.charge.captured_at = datetime.now(UTC) - timedelta(days=8)
    trip.charge.save()

    assert "1 × The refund window of 7 days" in plan(staff, "refund", trip).content.decode()


def test_planning_costs_the_same_for_two_trips_and_for_twenty(staff: Client) -> None:
    def statements(count: int) -> int:
        trips = [paid_trip() for _ in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as context:
            plan(staff, "refund", *trips)
        return len(context)

    statements(1)
    assert statements(2) == statements(20)
