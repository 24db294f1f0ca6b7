"""“Needs a look” says why, and what was looked at leaves it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client

from orders.models import DivergentCart, Trip, TripEvent
from payments.models import Charge, Refund
from payments.services.attention import WHYS, needs_a_look
from payments.services.deadlines import uncollected_near_deadline, unpriced_near_deadline
from payments.services.refunds import retry_refund
from payments.tests.admin_rows import (
    a_charge,
    a_receipt,
    a_refund,
    a_report,
    a_store,
    a_trip,
    another_cart,
    failed_trip,
    paid_trip,
    review_trip,
    staff_with,
)

LIST = "/admin/orders/trip/"
NOW = datetime.now(UTC)
OLD = NOW - timedelta(hours=40)

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with("orders.view_trip", "orders.mark_seen"))
    return client


def unknown_charge() -> Trip:
    trip = a_trip("collecting", total="5.00")
    a_charge(trip, "unknown", failed_attempts=3, next_attempt_at=NOW)
    return trip


def asked_in_vain() -> Trip:
    trip = a_trip("collecting", total="5.00", entry="APP")
    a_charge(trip, "pending", failed_attempts=3, next_attempt_at=NOW)
    return trip


def late_trip() -> Trip:
    return a_trip("received", started_at=OLD)


def with_refund(state: str, **fields: Any) -> Trip:
    trip = paid_trip()
    a_refund(trip, "1.00", state, **fields)
    return trip


def with_other_cart() -> Trip:
    trip = paid_trip()
    another_cart(trip, ("APPLE", "3"))
    return trip


def with_report(state: str) -> Trip:
    trip = paid_trip()
    a_report(trip, state)
    return trip


def with_receipt(state: str) -> Trip:
    trip = paid_trip()
    a_receipt(trip, state)
    return trip


CASES: dict[str, tuple[str, Callable[[], Trip]]] = {
    "failed": ("refused", failed_trip),
    "unknown": ("outcome unknown", unknown_charge),
    "stuck": ("asked in vain", asked_in_vain),
    "deadline": ("deadline", late_trip),
    "refund": ("refund failed", lambda: with_refund("failed")),
    "approval": ("awaits approval", lambda: with_refund("pending_approval")),
    "review": ("in review", review_trip),
    "other_cart": ("other cart", with_other_cart),
    "report": ("report not taken", lambda: with_report("rejected")),
    "receipt": ("receipt failed", lambda: with_receipt("failed")),
}


def listed(client: Client, key: str) -> dict[str, list[str]]:
    """By trip id why it needs a look, as the list says."""
    rows = client.get(LIST, {"attention": key}).context["cl"].result_list
    return {trip.amazon_trip_id: [why.label for why in trip.whys] for trip in rows}


def seen_url(trip: Trip, key: str, pk: int) -> str:
    return f"{LIST}{trip.pk}/seen/{key}/{pk}/"


@pytest.mark.parametrize("key", CASES)
def test_a_cause_lists_its_trips_and_no_others(key: str, staff: Client) -> None:
    trips = {name: make() for name, (_, make) in CASES.items()}
    paid_trip(), a_trip("received")

    label, _ = CASES[key]
    assert listed(staff, key) == {trips[key].amazon_trip_id: [label]}


@pytest.mark.parametrize("key", CASES)
def test_the_page_says_it_in_the_words_of_the_list(key: str, staff: Client) -> None:
    label, make = CASES[key]
    trip = make()

    page = staff.get(f"{LIST}{trip.pk}/change/").content.decode()

    banner = page[page.index("Needs a look:") :]
    assert label in banner[: banner.index("</p>")]


def test_any_cause_lists_them_all_and_a_trip_with_two_names_both(staff: Client) -> None:
    trips = [make() for _, make in CASES.values()]
    both = with_other_cart()
    a_refund(both, "1.00", "failed")

    found = listed(staff, "yes")

    assert set(found) == {trip.amazon_trip_id for trip in [*trips, both]}
    assert found[both.amazon_trip_id] == ["refund failed", "other cart"]


def test_a_cause_that_nobody_knows_hides_no_trip(staff: Client) -> None:
    paid_trip()

    assert len(listed(staff, "nonsense")) == 1


@pytest.mark.parametrize(("key", "attribute"), [("refund", "refunds"), ("report", "feedback"), ("receipt", "receipt")])
def test_what_was_looked_at_needs_a_look_no_more(key: str, attribute: str, staff: Client) -> None:
    trip = CASES[key][1]()
    related = getattr(trip.charge, attribute)
    row = related if key == "receipt" else related.get()

    page = staff.post(seen_url(trip, key, row.pk), {"note": "Paid back in cash."}, follow=True).content.decode()

    assert not needs_a_look().exists()
    assert "clerk looked at this on" in page
    event = TripEvent.objects.get(kind="seen")
    assert (event.actor, "Paid back in cash." in event.detail) == ("clerk", True)
    assert LogEntry.objects.count() == 1


def test_another_cart_that_was_looked_at_stays_on_the_page(staff: Client) -> None:
    trip = with_other_cart()

    page = staff.post(seen_url(trip, "other_cart", DivergentCart.objects.get().pk), follow=True).content.decode()

    assert not needs_a_look().exists()
    assert "Amazon sent another cart for this trip" in page
    assert "Needs a look:" not in page


def test_another_cart_after_that_needs_a_look_again(staff: Client) -> None:
    trip = with_other_cart()
    staff.post(seen_url(trip, "other_cart", DivergentCart.objects.get().pk))

    another_cart(trip, ("APPLE", "4"))

    assert needs_a_look().get() == trip


def test_asking_changes_nothing(staff: Client) -> None:
    trip = with_other_cart()

    page = staff.get(seen_url(trip, "other_cart", DivergentCart.objects.get().pk)).content.decode()

    assert "No money moves" in page
    assert needs_a_look().exists()


def test_a_refund_that_fails_once_more_comes_back(staff: Client) -> None:
    trip = with_refund("failed")
    refund = Refund.objects.get()
    staff.post(seen_url(trip, "refund", refund.pk))

    retry_refund(refund, actor="manager")
    assert not needs_a_look().exists()
    Refund.objects.update(state="failed")

    assert needs_a_look().get() == trip


def test_only_once_and_only_what_failed(staff: Client) -> None:
    failed, done = with_refund("failed"), with_refund("done")
    url = seen_url(failed, "refund", failed.charge.refunds.get().pk)
    staff.post(url)

    again = staff.post(url, follow=True).content.decode()
    assert "clerk has looked at it." in again
    of_done = staff.post(seen_url(done, "refund", done.charge.refunds.get().pk), follow=True).content.decode()
    assert "There is nothing to look at: it is done." in of_done
    assert TripEvent.objects.filter(kind="seen").count() == 1


@pytest.mark.parametrize("key", ["refund", "review", "nonsense"])
def test_what_the_trip_does_not_have_is_not_found(key: str, staff: Client) -> None:
    other = with_refund("failed")
    url = seen_url(paid_trip(), key, other.charge.refunds.get().pk)

    assert staff.get(url).status_code == staff.post(url).status_code == 404
    assert needs_a_look().exists()


def test_it_takes_a_right_of_its_own(client: Client) -> None:
    client.force_login(staff_with("orders.view_trip"))
    trip = with_other_cart()
    url = seen_url(trip, "other_cart", DivergentCart.objects.get().pk)

    refusal = client.post(url)

    assert refusal.status_code == 403
    assert "orders.mark_seen" in refusal.content.decode()
    assert "orders.mark_seen" in client.get(f"{LIST}{trip.pk}/change/").content.decode()
    assert needs_a_look().exists()


def test_nobody_looks_for_a_store_that_they_do_not_see(client: Client) -> None:
    person = staff_with("orders.view_trip", "orders.mark_seen", sees_all_stores=False)
    person.stores.add(a_store("Other shop"))
    client.force_login(person)
    trip = with_other_cart()

    assert client.post(seen_url(trip, "other_cart", DivergentCart.objects.get().pk)).status_code == 404
    assert needs_a_look().exists()


def test_each_cause_is_found_by_an_index() -> None:
    """What is looked through whole is nothing that grows with the trips."""
    for key in WHYS:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")
        plan = needs_a_look(key=key).order_by().values("pk").explain()

        scans = [line for line in plan.splitlines() if "Seq Scan" in line or line.strip(" |`-").startswith("SCAN ")]
        assert not [line for line in scans if "stores_store" not in line and "SUBQUERY" not in line], f"{key}: {plan}"


def test_what_nears_its_deadline_at_a_few_stores_is_not_looked_for_among_all_trips() -> None:
    """Neither among those of the stores nor among those of a state: either grows with the years."""
    if connection.vendor != "postgresql":
        pytest.skip("about PostgreSQL's planner")
    person = staff_with("orders.view_trip", sees_all_stores=False)
    person.stores.add(a_store())
    many_paid_trips(3_000)
    of_all = {"trip_by_store", "trip_by_state", "trip_by_time", "payments_charge_trip_id_key"}
    by_state = Trip.objects.filter(state__in=["received", "review"], started_at__lte=OLD)

    for rows, store in ((unpriced_near_deadline(NOW), "store"), (uncollected_near_deadline(NOW), "trip__store")):
        plan = person.visible(rows, store).order_by().values("pk").explain()
        assert not of_all & set(re.findall(r"\w+", plan)), plan
    control = person.visible(by_state).order_by().values("pk").explain()
    assert of_all & set(re.findall(r"\w+", control)), control


def many_paid_trips(count: int) -> None:
    trip = paid_trip()
    trips = Trip.objects.bulk_create(
        [Trip(**_same(trip) | {"amazon_trip_id": f"trip-{number}"}) for number in range(count)]
    )
    Charge.objects.bulk_create([Charge(**_same(trip.charge) | {"trip_id": each.pk}) for each in trips])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orders_trip, payments_charge")


def _same(row: Trip | Charge) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name != "id"}
