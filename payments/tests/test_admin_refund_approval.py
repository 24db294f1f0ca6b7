"""“Approve” and “Do not approve”: who may, what they read before, and that a decision stands."""

from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client
from django.utils.html import escape

from core.rights import missing_right
from orders.models import Trip
from payments.models import Charge, PaymentEvent, Refund
from payments.tests.admin_rows import a_refund, a_store, paid_trip, staff_with
from payments.tests.test_admin_refund import filled_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    rights = ["orders.view_trip", "payments.approve_refund", "payments.request_refund", "payments.view_refund"]
    client.force_login(staff_with(*rights))
    return client


@pytest.fixture
def trip() -> Trip:
    return paid_trip("80.00", store=a_store(refund_approval_above=Decimal("50.00")))


@pytest.fixture
def refund(trip: Trip) -> Refund:
    a_refund(trip, "10.00", "done")
    return a_refund(trip, "60.00", "pending_approval", requested_by="associate", note="All of it was stale.")


def url_of(refund: Refund, what: str) -> str:
    return f"/admin/orders/trip/{refund.charge.trip_id}/refunds/{refund.pk}/{what}/"


def page_of(client: Client, trip: Trip) -> str:
    return words(client.get(f"/admin/orders/trip/{trip.pk}/change/"))


def words(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def test_a_refund_above_the_limit_is_said_to_await_approval(staff: Client, trip: Trip) -> None:
    form = f"/admin/orders/trip/{trip.pk}/refund/"
    assert "above $50.00 in all, somebody else must approve" in words(staff.get(form))

    answer = staff.post(form, filled_in(everything="80.00"), follow=True)

    assert "Refund of $80.00 awaits approval." in words(answer)
    assert Refund.objects.get().state == "pending_approval"


def test_asking_shows_what_it_does_to_the_money_and_changes_nothing(staff: Client, refund: Refund) -> None:
    shown = words(staff.get(url_of(refund, "approve")))

    assert "Approve the refund of $60.00?" in shown
    assert "<dt>Asked for by</dt><dd>associate</dd>" in shown
    assert "<dt>Given back without it</dt><dd>$10.00</dd>" in shown
    assert "<dt>Given back with it</dt><dd>$70.00</dd>" in shown
    assert "All of it was stale." in shown
    assert Refund.objects.get(pk=refund.pk).state == "pending_approval"


def test_an_approved_refund_is_due(staff: Client, refund: Refund) -> None:
    answer = staff.post(url_of(refund, "approve"), follow=True)

    refund = Refund.objects.get(pk=refund.pk)
    assert "Refund of $60.00 approved." in words(answer)
    assert (refund.state, refund.decided_by) == ("queued", "clerk")
    assert refund.next_attempt_at is not None
    assert "Approved by clerk" in words(answer)
    assert PaymentEvent.objects.get(phase="approved").actor == "clerk"
    assert LogEntry.objects.count() == 1


def test_a_second_click_is_refused_in_words(staff: Client, refund: Refund) -> None:
    staff.post(url_of(refund, "approve"))

    answer = staff.post(url_of(refund, "approve"), follow=True)

    assert "This refund does not await approval: it is queued." in words(answer)
    assert LogEntry.objects.count() == 1
    assert "it is queued" in words(staff.get(url_of(refund, "reject")))


def test_nobody_approves_their_own(staff: Client, trip: Trip) -> None:
    own = a_refund(trip, "60.00", "pending_approval", requested_by="clerk")

    assert "somebody else must." in words(staff.get(url_of(own, "approve")))
    assert "somebody else must." in words(staff.post(url_of(own, "approve"), follow=True))
    assert Refund.objects.get().state == "pending_approval"
    assert not LogEntry.objects.exists()


def test_one_that_is_not_approved_says_who_and_why(staff: Client, refund: Refund) -> None:
    answer = staff.post(url_of(refund, "reject"), {"note": "It was not ours."}, follow=True)

    assert "Refund of $60.00 not approved." in words(answer)
    assert "Not approved by clerk" in words(answer)
    assert "It was not ours." in words(answer)
    assert Refund.objects.get(pk=refund.pk).state == "rejected"
    assert Charge.objects.get().committed == Decimal("10.00")


def test_a_no_without_a_reason_is_asked_for_one(staff: Client, refund: Refund) -> None:
    answer = staff.post(url_of(refund, "reject"), {"note": ""})

    assert "This field is required." in words(answer)
    assert Refund.objects.get(pk=refund.pk).state == "pending_approval"


def test_the_trip_page_shows_who_asked_and_the_buttons(staff: Client, trip: Trip, refund: Refund) -> None:
    shown = page_of(staff, trip)

    assert "A refund of $60.00 awaits approval" in shown
    assert "asked for by associate" in shown
    assert url_of(refund, "approve") in shown
    assert url_of(refund, "reject") in shown


def test_the_trip_page_names_what_is_in_the_way(client: Client, trip: Trip) -> None:
    refund = a_refund(trip, "60.00", "pending_approval", requested_by="boss")
    client.force_login(staff_with("orders.view_trip", "payments.request_refund"))
    assert escape(missing_right("payments.approve_refund")) in page_of(client, trip)

    client.force_login(staff_with("orders.view_trip", "payments.approve_refund", username="boss"))
    shown = page_of(client, trip)
    assert "somebody else must." in shown
    assert url_of(refund, "approve") not in shown
    assert url_of(refund, "reject") in shown


def test_what_awaits_approval_is_found_in_the_lists(staff: Client, trip: Trip, refund: Refund) -> None:
    refunds = staff.get("/admin/payments/refund/?state__exact=pending_approval")
    trips = staff.get("/admin/orders/trip/?attention=yes")

    assert [row.pk for row in refunds.context["cl"].result_list] == [refund.pk]
    assert [row.pk for row in trips.context["cl"].result_list] == [trip.pk]


def test_a_refund_of_another_trip_is_not_found(staff: Client, refund: Refund) -> None:
    other = paid_trip()

    for what in ("approve", "reject"):
        assert staff.post(f"/admin/orders/trip/{other.pk}/refunds/{refund.pk}/{what}/").status_code == 404


@pytest.mark.parametrize("what", ["approve", "reject"])
def test_the_pages_need_their_right(client: Client, refund: Refund, what: str) -> None:
    assert client.post(url_of(refund, what)).url.startswith("/admin/login/")

    client.force_login(staff_with("orders.view_trip", "payments.request_refund"))
    for answer in (client.get(url_of(refund, what)), client.post(url_of(refund, what), {"note": "No."})):
        assert answer.status_code == 403
        assert "payments.approve_refund" in words(answer)
    assert Refund.objects.get(pk=refund.pk).state == "pending_approval"
