import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import Trip, TripEvent
from payments.models import Charge
from payments.tests.admin_rows import (
    a_call,
    a_charge,
    a_debt,
    a_line,
    a_receipt,
    a_refund,
    a_refund_line,
    a_store,
    a_trip,
    an_event,
    another_cart,
    failed_trip,
    paid_trip,
    review_trip,
    staff_with,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    rights = ["orders.view_cart", "orders.change_trip", "payments.request_refund", "payments.retry_charge"]
    client.force_login(staff_with("orders.view_trip", "stores.add_product", *rights))
    return client


def page(client: Client, trip: Trip, part: str = "change") -> str:
    answer = client.get(f"/admin/orders/trip/{trip.pk}/{part}/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_an_id_stands_letter_by_letter_in_the_head_of_its_page(staff: Client) -> None:
    trip = paid_trip()
    Trip.objects.update(amazon_trip_id="abc-1")

    shown = page(staff, trip)

    assert "Abc-1" not in shown
    assert re.search(r'<a href="/admin/orders/trip/\d+/change/"[^>]*> abc-1 </a>', shown)


def test_value_stands_apart_from_payment(staff: Client) -> None:
    trip = paid_trip("10.00")
    a_refund(trip, "2.00", "done")
    a_refund(trip, "1.50", "unknown")
    a_refund(trip, "4.00", "failed")

    shown = page(staff, trip)

    assert "<dt>Captured</dt><dd>$10.00</dd>" in shown
    assert "<dt>Refunded</dt><dd>$2.00</dd>" in shown
    assert "<dt>Refund on its way</dt><dd>$1.50</dd>" in shown
    assert "<dt>Refundable now</dt><dd>$6.50</dd>" in shown
    assert "$10.00 captured − $2.00 refunded − $1.50 on its way" in shown
    assert "VISA ending in 4242" in shown


def test_what_amazon_refunds_itself_is_not_called_refundable(staff: Client) -> None:
    trip = paid_trip("10.00")
    Charge.objects.update(flow="CHECKOUT_SERVICE")

    shown = page(staff, trip)

    assert "<dt>Not refunded</dt><dd>$10.00</dd>" in shown
    assert "Refundable now" not in shown
    assert "Refunds until" not in shown


def test_times_are_the_stores_with_utc_at_hand(staff: Client) -> None:
    tokyo = a_store("Shibuya", time_zone="Asia/Tokyo")
    trip = a_trip("received", store=tokyo, received_at=datetime(2026, 11, 24, 20, 5, tzinfo=UTC))

    shown = page(staff, trip)

    assert "25 Nov 2026, 05:05 JST" in shown
    assert 'title="2026-11-24 20:05:00 UTC"' in shown


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("queued", "queued: not sent yet"),
        ("sent", "sent, waiting"),
        ("unknown", "unknown: no answer came"),
        ("done", "done"),
        ("failed", "failed"),
        ("pending_approval", "awaits approval"),
        ("rejected", "not approved"),
    ],
)
def test_a_refund_is_called_what_it_is(staff: Client, state: str, words: str) -> None:
    trip = paid_trip()
    a_refund(trip, "1.00", state)

    assert words in page(staff, trip)


def test_a_failed_refund_says_why_and_can_be_sent_again(staff: Client) -> None:
    trip = paid_trip()
    refund = a_refund(trip, "1.00", "failed", last_error="Amazon refused (400): no such payment")

    shown = page(staff, trip)

    assert "Amazon refused (400): no such payment" in shown
    assert f"/admin/orders/trip/{trip.pk}/refunds/{refund.pk}/retry/" in shown


def test_a_trip_in_review_names_its_items_and_remedies(staff: Client) -> None:
    trip = review_trip("MYSTERY")
    line = trip.lines.get()
    a_line(trip)

    shown = page(staff, trip)

    assert "In review: 1 item cannot be priced" in shown
    assert f"/admin/orders/trip/{trip.pk}/lines/{line.pk}/product/" in shown
    assert f"/admin/stores/product/add/?store={trip.store_id}&amp;sku=MYSTERY" in shown


def test_a_failed_charge_says_whether_the_shopper_was_charged(staff: Client) -> None:
    shown = page(staff, failed_trip())

    assert "Amazon refused (400): store is not known" in shown
    assert "The shopper was not charged." in shown
    assert "retry-charge" in shown


def test_what_is_left_of_an_expired_trip_was_not_declined(staff: Client) -> None:
    trip = a_trip("partly_paid", total="6.88")
    charge = a_charge(trip, "expired", settled=Decimal("2.00"))
    a_debt(charge)
    an_event(charge, "debt", "paid", "2.00")

    shown = page(staff, trip)

    assert "Amazon expired this trip" in shown
    assert "$4.88 stands as debt." in shown
    assert "declined" not in shown


def test_an_amount_of_zero_stands_in_the_timeline(staff: Client) -> None:
    trip = a_trip("no_charge", total="0.00")
    TripEvent.objects.create(trip=trip, kind=TripEvent.Kind.PRICED, amount=trip.total)

    assert "Priced <strong>$0.00</strong>" in page(staff, trip)


def test_another_cart_is_compared_in_words(staff: Client) -> None:
    trip = paid_trip()
    another_cart(trip, ("APPLE", "3"), ("BREAD", "1"))

    shown = page(staff, trip)

    assert "APPLE: 2 unit in the first cart, 3 unit in this one." in shown
    assert "BREAD: 1 unit in this cart, none in the first one." in shown


def test_an_unknown_capture_says_that_nothing_is_charged_twice(staff: Client) -> None:
    trip = a_trip("collecting", total="6.88")
    a_charge(trip, "unknown", next_attempt_at=datetime.now(UTC))

    shown = page(staff, trip)

    assert "we ask Amazon before anything else; nothing will be charged twice" in shown
    assert "Nothing is captured yet" in shown


def test_while_a_declined_card_is_asked_again_nobody_says_that_it_was_not_charged(staff: Client) -> None:
    trip = a_trip("collecting", total="6.88")
    a_debt(a_charge(trip, "unknown", rounds=2, next_attempt_at=datetime.now(UTC)))

    shown = page(staff, trip)

    assert "It is not known yet whether the money was taken" in shown
    assert "was not charged" not in shown


@pytest.mark.parametrize(("hours", "words"), [(40, "Near the deadline"), (47, "Past the deadline")])
def test_the_deadline_is_a_warning(staff: Client, hours: int, words: str) -> None:
    trip = a_trip("collecting", total="6.88", started_at=datetime.now(UTC) - timedelta(hours=hours))
    a_charge(trip, "adjusting", next_attempt_at=datetime.now(UTC))

    assert words in page(staff, trip)
    assert words not in page(staff, paid_trip(started_at=datetime.now(UTC) - timedelta(hours=hours)))


@pytest.mark.parametrize("state", ["received", "no_charge", "expired", "unpaid"])
def test_a_trip_without_lines_or_charge_has_a_page(staff: Client, state: str) -> None:
    assert state.replace("_", " ") in page(staff, a_trip(state, item_count=0))


def test_carts_and_calls_need_a_right_of_their_own(client: Client) -> None:
    client.force_login(staff_with("orders.view_trip"))
    trip = paid_trip()
    another_cart(trip, ("SECRET-SKU", "1"))

    shown = page(client, trip)

    assert "cartItems" not in shown
    assert "APPROVED" not in shown
    assert "orders.view_cart" in shown


def test_without_the_right_the_refund_button_names_it(client: Client) -> None:
    client.force_login(staff_with("orders.view_trip"))

    shown = page(client, paid_trip())

    assert "payments.request_refund" in shown
    assert "<dialog" not in shown


def test_the_page_refreshes_itself_only_while_something_is_under_way(staff: Client) -> None:
    under_way = a_trip("received", next_attempt_at=datetime.now(UTC))
    later = a_trip("received", next_attempt_at=datetime.now(UTC) + timedelta(minutes=10))

    assert 'data-poll-seconds="2"' in page(staff, under_way, "content")
    assert 'data-poll-seconds="15"' in page(staff, later, "content")
    assert 'data-poll-seconds="0"' in page(staff, paid_trip(), "content")
    assert "<html" not in page(staff, under_way, "content")


@pytest.mark.parametrize(("failed", "seconds"), [(0, 2), (1, 15)])
def test_it_asks_often_while_an_answer_is_near(staff: Client, failed: int, seconds: int) -> None:
    trip = paid_trip()
    lease_ends = datetime.now(UTC) + timedelta(minutes=2)
    a_refund(trip, "1.00", "sent", next_attempt_at=lease_ends, failed_attempts=failed)

    assert f'data-poll-seconds="{seconds}"' in page(staff, trip, "content")


def test_the_number_of_statements_does_not_grow_with_what_happened(staff: Client) -> None:
    trip = paid_trip("50.00")
    a_refund_line(a_refund(trip, "1.00"), trip.lines.get(), "0.1")
    another_cart(trip, ("APPLE", "3"))

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(staff, trip)
        return len(captured)

    statements()
    before = statements()
    for number in range(10):
        line = a_line(trip)
        a_refund_line(a_refund(trip, "1.00", "done"), line, "0.1")
        a_call(trip, "refund", 200)
        an_event(trip.charge, "retry", "requested", key=str(number))
        another_cart(trip, ("APPLE", str(number)))
    assert statements() == before
    assert before < 30


def test_no_such_trip(staff: Client) -> None:
    assert staff.get("/admin/orders/trip/999/change/").status_code == 404
    assert staff.get("/admin/orders/trip/nonsense/change/").status_code == 404


@pytest.mark.parametrize("part", ["change", "content"])
def test_the_page_needs_its_right(client: Client, part: str) -> None:
    url = f"/admin/orders/trip/{a_trip().pk}/{part}/"
    assert client.get(url).url.startswith("/admin/login/")

    client.force_login(staff_with("payments.request_refund"))
    refused = client.get(url)
    assert refused.status_code == 403
    assert "orders.view_trip" in refused.content.decode()


# --- The page within its list ----------------------------------------------------------------------------------


def test_previous_and_next_lead_through_the_filtered_list_it_was_opened_from(staff: Client) -> None:
    oldest, other, middle, newest = (
        paid_trip(started_at=datetime.now(UTC) - timedelta(hours=4)),
        failed_trip(started_at=datetime.now(UTC) - timedelta(hours=3)),
        paid_trip(started_at=datetime.now(UTC) - timedelta(hours=2)),
        paid_trip(started_at=datetime.now(UTC) - timedelta(hours=1)),
    )
    url = f"/admin/orders/trip/{middle.pk}/change/?_changelist_filters=state__exact%3Dpaid"

    shown = " ".join(staff.get(url).content.decode().split())

    before = f'<a href="/admin/orders/trip/{newest.pk}/change/?_changelist_filters=state__exact%3Dpaid" rel="prev">'
    after = f'<a href="/admin/orders/trip/{oldest.pk}/change/?_changelist_filters=state__exact%3Dpaid" rel="next">'
    assert before in shown
    assert after in shown
    assert f"/{other.pk}/change/?_ch" not in shown
    assert "/admin/orders/trip/?state__exact=paid" in shown


def test_without_a_list_there_is_none(staff: Client) -> None:
    paid_trip()

    assert 'rel="prev"' not in page(staff, paid_trip())


# --- What else can be done -------------------------------------------------------------------------------------


def test_the_menu_leads_to_the_shoppers_receipt_and_names_what_is_in_the_way(staff: Client) -> None:
    trip = paid_trip()
    receipt = a_receipt(trip, "waiting")

    shown = page(staff, trip)

    menu = shown[shown.index("data-menu") : shown.index("</details>", shown.index("data-menu"))]
    assert f'href="/receipts/{receipt.token}/" target="_blank"' in menu
    assert "It is waiting to be sent already." in menu


def test_while_somebody_is_asked_for_the_money_it_cannot_be_asked_for_again(staff: Client) -> None:
    trip = a_trip("collecting", total="6.88")
    a_charge(trip, "capturing")

    shown = page(staff, trip)

    assert "this one is capturing" in shown
    assert "retry-charge" not in shown
