from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from orders.models import Trip
from payments.models import Charge, Debt, PaymentEvent, Refund
from payments.tests.admin_rows import a_charge, a_debt, a_refund, a_trip, failed_trip, paid_trip, staff_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with("orders.view_trip", "payments.retry_charge", "payments.request_refund"))
    return client


def of_charge(trip: Trip) -> str:
    return f"/admin/orders/trip/{trip.pk}/retry-charge/"


def of_refund(refund: Refund) -> str:
    return f"/admin/orders/trip/{refund.charge.trip_id}/refunds/{refund.pk}/retry/"


def test_asking_changes_nothing(staff: Client) -> None:
    trip = failed_trip()

    shown = staff.get(of_charge(trip)).content.decode()

    assert "Ask for $6.88 again" in shown
    assert "store is not known" in shown
    assert Charge.objects.get().state == "failed"


def test_a_failed_charge_is_collected_again(staff: Client) -> None:
    trip = failed_trip()

    answer = staff.post(of_charge(trip), follow=True)

    charge = Charge.objects.get()
    assert "$6.88 will be asked for again." in answer.content.decode()
    assert (charge.state, charge.rounds) == ("pending", 2)
    assert charge.next_attempt_at is not None
    assert PaymentEvent.objects.get(kind="retry").actor == "clerk"
    assert LogEntry.objects.count() == 1


def declined_trip() -> Trip:
    trip = a_trip("unpaid", total="6.88")
    a_debt(a_charge(trip, "declined"))
    return trip


def test_a_card_that_was_declined_is_asked_again(staff: Client) -> None:
    trip = declined_trip()
    page = staff.get(f"/admin/orders/trip/{trip.pk}/change/").content.decode()
    assert "Ask again" in page
    assert of_charge(trip) in page

    staff.post(of_charge(trip))

    assert Charge.objects.get().state == "pending"
    assert PaymentEvent.objects.get(kind="retry").actor == "clerk"


def test_only_what_is_left_of_the_debt_is_asked_for(staff: Client) -> None:
    trip = declined_trip()
    Charge.objects.update(settled=Decimal("2.00"))
    Debt.objects.update(owed=Decimal("4.88"))

    assert "Ask for $4.88 again" in staff.get(of_charge(trip)).content.decode()


@pytest.mark.parametrize("state", ["settled", "written_off"])
def test_a_debt_that_is_closed_is_not_asked_for(staff: Client, state: str) -> None:
    trip = declined_trip()
    Debt.objects.update(state=state, owed=0)

    assert "The debt of this trip is" in staff.get(of_charge(trip)).content.decode()
    assert "Ask again" not in staff.get(f"/admin/orders/trip/{trip.pk}/change/").content.decode()
    staff.post(of_charge(trip))
    assert Charge.objects.get().state == "declined"


def test_a_second_click_is_refused_in_words(staff: Client) -> None:
    trip = failed_trip()
    staff.post(of_charge(trip))

    answer = staff.post(of_charge(trip), follow=True)

    assert "Only a failed or declined charge can be collected again; this one is pending." in answer.content.decode()
    assert Charge.objects.get().rounds == 2
    assert LogEntry.objects.count() == 1


def test_a_charge_that_has_not_failed_has_a_disabled_button(staff: Client) -> None:
    trip = paid_trip()

    assert "this one is captured." in staff.get(of_charge(trip)).content.decode()
    staff.post(of_charge(trip))
    assert Charge.objects.get().state == "captured"


def test_a_trip_without_a_charge_has_nothing_to_collect_again(staff: Client) -> None:
    assert staff.get(of_charge(a_trip())).status_code == 404
    assert staff.post(of_charge(a_trip())).status_code == 404
    assert staff.get("/admin/orders/trip/999/retry-charge/").status_code == 404


def test_a_failed_refund_is_sent_again_with_its_id(staff: Client) -> None:
    refund = a_refund(paid_trip(), "2.00", "failed", last_error="Amazon refused (400)")
    assert "Send $2.00 again" in staff.get(of_refund(refund)).content.decode()

    answer = staff.post(of_refund(refund), follow=True)

    again = Refund.objects.get()
    assert "Refund of $2.00 queued again." in answer.content.decode()
    assert (again.state, again.refund_request_id) == ("queued", refund.refund_request_id)
    assert Charge.objects.get().committed == Decimal("2.00")
    assert LogEntry.objects.count() == 1


def test_a_refund_whose_money_is_gone_stays_failed(staff: Client) -> None:
    trip = paid_trip("6.88")
    refund = a_refund(trip, "2.00", "failed")
    a_refund(trip, "6.00", "done")

    answer = staff.post(of_refund(refund), follow=True)

    assert "At most $0.88 can be refunded now." in answer.content.decode()
    assert Refund.objects.get(pk=refund.pk).state == "failed"


def test_a_refund_that_has_not_failed_is_left_alone(staff: Client) -> None:
    refund = a_refund(paid_trip(), "2.00", "done")

    assert "This refund has not failed: it is done." in staff.get(of_refund(refund)).content.decode()
    staff.post(of_refund(refund))
    assert Refund.objects.get().state == "done"


def test_a_refund_of_another_trip_is_not_found(staff: Client) -> None:
    refund, other = a_refund(paid_trip(), "2.00", "failed"), paid_trip()

    assert staff.post(f"/admin/orders/trip/{other.pk}/refunds/{refund.pk}/retry/").status_code == 404
    assert Refund.objects.get().state == "failed"


def test_the_pages_need_their_rights(client: Client) -> None:
    trip, refund = failed_trip(), a_refund(paid_trip(), "2.00", "failed")
    urls = {of_charge(trip): "payments.retry_charge", of_refund(refund): "payments.request_refund"}
    for url in urls:
        assert client.post(url).url.startswith("/admin/login/")

    client.force_login(staff_with("orders.view_trip", "orders.change_trip"))
    for url, right in urls.items():
        for answer in (client.get(url), client.post(url)):
            assert answer.status_code == 403
            assert right in answer.content.decode()
    assert Charge.objects.get(trip=trip).state == Refund.objects.get().state == "failed"
