"""“Note as debt”: the second way out for a charge that was refused."""

from decimal import Decimal

import pytest
from django.test import Client

from orders.models import Trip
from payments.models import Charge, Debt, FeedbackReport, PaymentEvent
from payments.tests.admin_rows import a_charge, a_trip, failed_trip, paid_trip, staff_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with("orders.view_trip", "payments.retry_charge", "payments.view_debt"))
    return client


def url_of(trip: Trip) -> str:
    return f"/admin/orders/trip/{trip.pk}/note-as-debt/"


def words(answer: object) -> str:
    return " ".join(answer.content.decode().split())  # type: ignore[attr-defined]


def page(client: Client, trip: Trip) -> str:
    return words(client.get(f"/admin/orders/trip/{trip.pk}/change/"))


def test_it_stands_beside_try_again_and_asking_changes_nothing(staff: Client) -> None:
    trip = failed_trip()

    assert url_of(trip) in page(staff, trip)
    shown = words(staff.get(url_of(trip)))

    assert "Note $6.88 as a debt of the shopper?" in shown
    assert "store is not known" in shown
    assert not Debt.objects.exists()


def test_what_was_refused_becomes_debt_and_amazon_is_told(staff: Client) -> None:
    trip = failed_trip()

    answer = staff.post(url_of(trip), {"note": "The store was closed at Amazon."}, follow=True)

    assert "$6.88 noted as debt." in words(answer)
    trip.refresh_from_db()
    charge, debt, report = Charge.objects.get(), Debt.objects.get(), FeedbackReport.objects.get()
    assert (trip.state, charge.state, charge.next_attempt_at) == ("unpaid", "declined", None)
    assert (debt.state, debt.owed) == ("open", Decimal("6.88"))
    assert (report.total, report.settled) == (Decimal("6.88"), Decimal(0))
    event = PaymentEvent.objects.get(kind="debt", phase="requested")
    assert (event.actor, event.detail) == ("clerk", "The store was closed at Amazon.")
    shown = page(staff, trip)
    assert "Noted as debt" in shown
    assert ">manual<" in shown.replace(" ", "")
    assert "Collecting the money was refused" not in shown


def test_the_card_can_still_be_asked_afterwards(staff: Client) -> None:
    trip = failed_trip()
    staff.post(url_of(trip), {"note": "x"})

    staff.post(f"/admin/orders/trip/{trip.pk}/retry-charge/")

    assert Charge.objects.get().state == "pending"


def test_a_second_click_is_refused_in_words(staff: Client) -> None:
    trip = failed_trip()

    answers = [words(staff.post(url_of(trip), {"note": "x"}, follow=True)) for _ in range(2)]

    assert "Only what was refused can be noted as debt" in answers[1]
    assert Debt.objects.count() == 1


def test_it_needs_a_note(staff: Client) -> None:
    trip = failed_trip()

    assert "This field is required." in words(staff.post(url_of(trip), {"note": " "}))
    assert Charge.objects.get().state == "failed"


def test_nothing_is_owed_where_nothing_was_to_be_paid(staff: Client) -> None:
    trip = a_trip("failed", total="0.00")
    a_charge(trip, "failed")

    assert "Nothing of this trip is to be paid." in words(staff.post(url_of(trip), {"note": "x"}, follow=True))
    assert not Debt.objects.exists()


@pytest.mark.parametrize("make", [paid_trip, lambda: a_trip("received")])
def test_another_trip_has_no_such_way_out(staff: Client, make: object) -> None:
    trip = make()  # type: ignore[operator]

    assert url_of(trip) not in page(staff, trip)
    staff.post(url_of(trip), {"note": "x"})
    assert not Debt.objects.exists()


def test_without_the_right_the_button_names_it(client: Client) -> None:
    client.force_login(staff_with("orders.view_trip"))
    trip = failed_trip()

    shown = page(client, trip)

    assert url_of(trip) not in shown
    assert "payments.retry_charge" in shown
    assert client.post(url_of(trip), {"note": "x"}).status_code == 403
