"""The page on which staff say what became of a charge or a refund."""

from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client
from django.utils.html import escape

from core.rights import missing_right
from orders.models import Trip
from payments.models import Charge, PaymentEvent, Refund
from payments.tests.admin_rows import Kind, Phase, a_charge, a_refund, a_trip, an_event, paid_trip, staff_with

pytestmark = pytest.mark.django_db

TAKEN = {"outcome": "yes", "note": "The portal shows it."}
NOT_TAKEN = {"outcome": "no", "note": "The portal does not show it."}


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with("orders.view_trip", "payments.resolve_charge"))
    return client


def unknown_charge(failed_attempts: int = 4) -> Trip:
    trip = a_trip("collecting", total="6.88")
    charge = a_charge(trip, "unknown", authorized=Decimal("6.88"), failed_attempts=failed_attempts, last_error="500")
    charge.due_now()
    charge.save()
    an_event(charge, Kind.CAPTURE, Phase.REQUESTED, "6.88")
    an_event(charge, Kind.CAPTURE, Phase.UNKNOWN, "6.88")
    return trip


def unknown_refund(failed_attempts: int = 4) -> Refund:
    refund = a_refund(paid_trip(), "2.00", "unknown", failed_attempts=failed_attempts)
    refund.due_now()
    refund.save()
    return refund


def of_charge(trip: Trip) -> str:
    return f"/admin/orders/trip/{trip.pk}/resolve-charge/"


def of_refund(refund: Refund) -> str:
    return f"/admin/orders/trip/{refund.charge.trip_id}/refunds/{refund.pk}/resolve/"


def words(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def test_the_page_shows_what_each_answer_would_change(staff: Client) -> None:
    shown = words(staff.get(of_charge(unknown_charge())))

    assert "Was $6.88 taken?" in shown
    assert "<dt>Captured now</dt><dd>$0.00</dd>" in shown
    assert "<dt>Captured, if it was taken</dt><dd>$6.88</dd>" in shown
    assert Charge.objects.get().state == "unknown"


def test_the_money_was_taken(staff: Client) -> None:
    trip = unknown_charge()

    answer = staff.post(of_charge(trip), TAKEN, follow=True)

    event = PaymentEvent.objects.get(kind="capture", phase="succeeded")
    assert "$6.88 noted as captured." in words(answer)
    assert (Charge.objects.get().state, event.actor, event.detail) == ("captured", "clerk", TAKEN["note"])
    assert LogEntry.objects.count() == 1


def test_it_was_not_taken(staff: Client) -> None:
    answer = staff.post(of_charge(unknown_charge()), NOT_TAKEN, follow=True)

    assert "Noted as not taken: $6.88 will be asked for again." in words(answer)
    assert (Charge.objects.get().state, Charge.objects.get().rounds) == ("authorized", 2)


def test_a_second_click_is_refused_in_words(staff: Client) -> None:
    trip = unknown_charge()
    staff.post(of_charge(trip), TAKEN)

    answer = staff.post(of_charge(trip), NOT_TAKEN, follow=True)

    assert "The outcome of this charge is not unknown: it is captured." in words(answer)
    assert Charge.objects.get().captured == Decimal("6.88")
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize("form", [{}, {"outcome": "yes"}, {"outcome": "yes", "note": " "}, {"note": "x"}])
def test_without_an_answer_or_a_reason_nothing_happens(staff: Client, form: dict[str, str]) -> None:
    answer = staff.post(of_charge(unknown_charge()), form)

    assert "This field is required." in words(answer)
    assert Charge.objects.get().state == "unknown"


def test_the_first_tries_are_waited_for(staff: Client) -> None:
    trip = unknown_charge(failed_attempts=1)

    shown = words(staff.get(of_charge(trip)))
    staff.post(of_charge(trip), TAKEN)

    assert "After 3 tries without success you can say what became of it; 1 so far." in shown
    assert "disabled" in shown
    assert Charge.objects.get().state == "unknown"


def test_the_shopper_has_the_refund(staff: Client) -> None:
    refund = unknown_refund()
    shown = words(staff.get(of_refund(refund)))
    assert "Has the shopper got $2.00 back?" in shown
    assert "<dt>Refundable, if they have not got it</dt><dd>$6.88</dd>" in shown

    answer = staff.post(of_refund(refund), TAKEN, follow=True)

    assert "Refund of $2.00 noted as done." in words(answer)
    assert Refund.objects.get().state == "done"
    assert Charge.objects.get().committed == Decimal("2.00")


def test_the_shopper_has_not_got_the_refund(staff: Client) -> None:
    refund = unknown_refund()

    answer = staff.post(of_refund(refund), NOT_TAKEN, follow=True)

    assert "Refund of $2.00 noted as not given." in words(answer)
    assert Refund.objects.get().state == "failed"
    assert Charge.objects.get().committed == 0
    assert "Found not to have been refunded" in words(answer)


def test_the_trip_page_leads_there_once_it_stays_unknown(staff: Client) -> None:
    trip, refund, young = unknown_charge(), unknown_refund(), unknown_charge(failed_attempts=2)

    def page(trip: Trip) -> str:
        return staff.get(f"/admin/orders/trip/{trip.pk}/change/").content.decode()

    assert of_charge(trip) in page(trip)
    assert of_refund(refund) in page(refund.charge.trip)
    assert of_charge(young) not in page(young)


def test_others_see_the_button_and_why_they_cannot_press_it(client: Client) -> None:
    client.force_login(staff_with("orders.view_trip"))
    trip = unknown_charge()

    page = words(client.get(f"/admin/orders/trip/{trip.pk}/change/"))

    assert of_charge(trip) not in page
    assert escape(missing_right("payments.resolve_charge")) in page


def test_the_pages_need_their_right(client: Client) -> None:
    trip, refund = unknown_charge(), unknown_refund()
    client.force_login(staff_with("orders.view_trip", "payments.retry_charge", "payments.request_refund"))

    for url in (of_charge(trip), of_refund(refund)):
        for answer in (client.get(url), client.post(url, TAKEN)):
            assert answer.status_code == 403
            assert "payments.resolve_charge" in words(answer)
    assert Charge.objects.get(trip=trip).state == Refund.objects.get().state == "unknown"


def test_what_is_not_there_is_not_found(staff: Client) -> None:
    refund, other = unknown_refund(), paid_trip()

    assert staff.get(of_charge(a_trip())).status_code == 404
    assert staff.post(f"/admin/orders/trip/{other.pk}/refunds/{refund.pk}/resolve/", TAKEN).status_code == 404
