import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client

from orders.models import Trip
from payments.models import Charge, Refund
from payments.tests.admin_rows import a_line, a_refund, a_store, a_trip, paid_trip, reason_of, staff_with
from stores.models import PaymentFlow

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with("orders.view_trip", "payments.request_refund", "payments.refund_amount"))
    return client


def url_of(trip: Trip) -> str:
    return f"/admin/orders/trip/{trip.pk}/refund/"


def filled_in(**fields: Any) -> dict[str, Any]:
    form = {"refund_request_id": str(uuid4()), "mode": "everything", "everything": "6.88", "reason": reason_of()}
    return form | fields


def words(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def test_the_form_shows_what_can_be_given_back_and_how_it_comes_about(staff: Client) -> None:
    trip = paid_trip("10.00")
    a_refund(trip, "2.00", "done")
    a_refund(trip, "1.00", "queued")

    shown = words(staff.get(url_of(trip)))

    assert "At most <strong>$7.00</strong>: $10.00 captured − $2.00 refunded − $1.00 on its way." in shown


def test_each_form_has_an_id_of_its_own(staff: Client) -> None:
    trip = paid_trip()

    pages = [staff.get(url_of(trip)).content.decode() for _ in range(2)]

    ids = {re.search(r'name="refund_request_id" value="([^"]+)"', page)[1] for page in pages}  # type: ignore[index]
    assert len(ids) == 2


def test_everything_left_is_queued_and_logged(staff: Client) -> None:
    trip = paid_trip()

    answer = staff.post(url_of(trip), filled_in(note="It was bruised."), follow=True)

    refund = Refund.objects.get()
    assert answer.redirect_chain[0][0] == f"/admin/orders/trip/{trip.pk}/change/"
    assert "Refund of $6.88 queued." in words(answer)
    assert (refund.amount, refund.state, refund.reason) == (Decimal("6.88"), "queued", "DAMAGED_ITEM")
    assert (refund.note, refund.requested_by) == ("It was bruised.", "clerk")
    assert str(refund.refund_request_id) in LogEntry.objects.get().change_message


def test_by_items_gives_back_their_share(staff: Client) -> None:
    trip = paid_trip("6.88")
    line = trip.lines.get()

    staff.post(url_of(trip), filled_in(mode="lines", **{f"quantity_{line.pk}": "1"}))

    refund = Refund.objects.get()
    assert (refund.amount, refund.lines.get().quantity) == (Decimal("3.44"), 1)


def test_by_amount_gives_back_that(staff: Client) -> None:
    trip = paid_trip()

    staff.post(url_of(trip), filled_in(mode="amount", amount="1.25"))

    assert Refund.objects.get().amount == Decimal("1.25")


@pytest.mark.parametrize("mode", ["everything", "lines", "amount"])
def test_the_same_form_twice_makes_one_refund_and_one_log_entry(staff: Client, mode: str) -> None:
    trip = paid_trip()
    form = filled_in(mode=mode, amount="6.88", **{f"quantity_{trip.lines.get().pk}": "2"})

    answers = [staff.post(url_of(trip), form, follow=True) for _ in range(2)]

    assert [("Refund of $6.88 queued." in words(answer)) for answer in answers] == [True, True]
    assert Refund.objects.count() == LogEntry.objects.count() == 1
    assert Charge.objects.get().committed == Decimal("6.88")


def test_a_used_form_with_another_content_is_refused_and_gets_a_new_id(staff: Client) -> None:
    trip = paid_trip()
    form = filled_in(mode="amount", amount="1.00")
    staff.post(url_of(trip), form)

    answer = staff.post(url_of(trip), form | {"amount": "2.00"})

    assert "This form was sent before" in words(answer)
    assert form["refund_request_id"] not in words(answer)
    assert 'value="2.00"' in words(answer)
    assert Refund.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"reason": ""}, "This field is required."),
        ({"reason": "BORED"}, "Select a valid choice."),
        ({"mode": "amount"}, "Enter the amount to give back."),
        ({"mode": "amount", "amount": "lots"}, "Enter a number."),
        ({"mode": "amount", "amount": "NaN"}, "Enter a number."),
        ({"mode": "amount", "amount": "0"}, "The amount must be more than 0."),
        ({"mode": "amount", "amount": "-1"}, "The amount must be more than 0."),
        ({"mode": "amount", "amount": "1.005"}, "USD has 2 decimals."),
        ({"mode": "amount", "amount": "6.89"}, "At most $6.88 can be refunded now."),
        ({"mode": "lines"}, "Enter a quantity for at least one item."),
        ({"mode": "nonsense"}, "Select a valid choice."),
        ({"everything": ""}, "Nothing is left to be refunded."),
        ({"everything": "7.00"}, "At most $6.88 can be refunded now."),
        ({"refund_request_id": "nonsense"}, "No refund was made."),
    ],
)
def test_a_bad_form_does_nothing_and_keeps_what_was_typed(staff: Client, fields: dict[str, str], error: str) -> None:
    trip = paid_trip()

    answer = staff.post(url_of(trip), filled_in(note="Kept note", **fields))

    assert answer.status_code == 200
    assert error in words(answer)
    assert "Kept note" in words(answer)
    assert not Refund.objects.exists()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("quantity", "error"), [("3", "can still be refunded, not 3."), ("-1", "greater than or equal")]
)
def test_a_line_gives_back_no_more_than_its_quantity(staff: Client, quantity: str, error: str) -> None:
    trip = paid_trip()

    answer = staff.post(url_of(trip), filled_in(mode="lines", **{f"quantity_{trip.lines.get().pk}": quantity}))

    assert error in words(answer)
    assert not Refund.objects.exists()


def test_a_line_of_another_trip_is_no_field_of_the_form(staff: Client) -> None:
    trip, other = paid_trip(), paid_trip()

    staff.post(url_of(trip), filled_in(mode="lines", **{f"quantity_{other.lines.get().pk}": "1"}))

    assert not Refund.objects.exists()


def test_a_currency_without_decimals(staff: Client) -> None:
    trip = paid_trip("1280", store=a_store("Shibuya", currency="JPY"), currency="JPY")

    assert 'data-places="0"' in words(staff.get(url_of(trip)))
    staff.post(url_of(trip), filled_in(everything="1280"))
    assert Refund.objects.get().amount == 1280


def not_captured() -> Trip:
    return a_trip("review")


def after_the_window() -> Trip:
    trip = paid_trip()
    Charge.objects.update(captured_at=trip.received_at - timedelta(days=8))
    return trip


def all_refunded() -> Trip:
    trip = paid_trip()
    a_refund(trip, "6.88", "done")
    return trip


def by_amazons_checkout() -> Trip:
    trip = paid_trip()
    Charge.objects.update(flow=PaymentFlow.CHECKOUT_SERVICE)
    return trip


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (not_captured, "Nothing is captured yet"),
        (after_the_window, "The refund window of 7 days"),
        (all_refunded, "All that was captured is refunded"),
        (by_amazons_checkout, "use the merchant portal"),
    ],
)
def test_a_state_that_allows_no_refund_says_so(staff: Client, make: Any, reason: str) -> None:
    trip = make()
    before = Refund.objects.count()

    assert reason in words(staff.get(url_of(trip)))
    assert reason in words(staff.get(f"/admin/orders/trip/{trip.pk}/change/"))
    assert staff.post(url_of(trip), filled_in()).status_code == 200
    assert Refund.objects.count() == before


def test_weighed_items_take_any_quantity(staff: Client) -> None:
    trip = paid_trip()
    a_line(trip, "KALE", "0.347", "1.42", unit="kg")

    assert 'max="0.347" step="any"' in words(staff.get(url_of(trip)))


def test_no_such_trip(staff: Client) -> None:
    assert staff.get("/admin/orders/trip/999/refund/").status_code == 404
    assert staff.post("/admin/orders/trip/999/refund/", filled_in()).status_code == 404


def test_anonymous_people_are_sent_to_the_login(client: Client) -> None:
    trip = paid_trip()

    for answer in (client.get(url_of(trip)), client.post(url_of(trip), filled_in())):
        assert answer.url.startswith("/admin/login/")
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    ("rights", "missing"),
    [(["orders.view_trip"], "payments.request_refund"), (["payments.request_refund"], "orders.view_trip")],
)
def test_being_staff_is_not_the_right(client: Client, rights: list[str], missing: str) -> None:
    client.force_login(staff_with(*rights))
    trip = paid_trip()

    for answer in (client.get(url_of(trip)), client.post(url_of(trip), filled_in())):
        assert answer.status_code == 403
        assert missing in words(answer)
    assert not Refund.objects.exists()


def test_a_form_from_elsewhere_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff_with("orders.view_trip", "payments.request_refund"))

    assert client.post(url_of(paid_trip()), filled_in()).status_code == 403
    assert not Refund.objects.exists()
