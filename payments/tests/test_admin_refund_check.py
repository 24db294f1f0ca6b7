"""The refund form's second screen, its reasons, its notes, and who may give back an amount."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from loyalty.models import Member
from orders.models import Trip
from payments.models import Charge, PaymentEvent, Refund, RefundNotice, RefundReason
from payments.tests.admin_rows import (
    a_line,
    a_receipt,
    a_refund,
    a_refund_line,
    a_store,
    paid_trip,
    reason_of,
    staff_with,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with("orders.view_trip", "payments.request_refund", "payments.refund_amount"))
    return client


def form_url(trip: Trip) -> str:
    return f"/admin/orders/trip/{trip.pk}/refund/"


def check_url(trip: Trip) -> str:
    return f"/admin/orders/trip/{trip.pk}/refund/check/"


def filled_in(trip: Trip, **fields: Any) -> dict[str, Any]:
    """All of the first line, by items, unless fields say otherwise."""
    line = trip.lines.all()[0]
    form = {"refund_request_id": str(uuid4()), "mode": "lines", f"quantity_{line.pk}": "2", "reason": reason_of()}
    return form | fields


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def hidden_fields(shown: str) -> dict[str, str]:
    """What the second screen sends on."""
    form = shown[shown.index("data-once") :]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def test_the_form_proposes_all_items_that_are_left(staff: Client) -> None:
    trip = paid_trip("6.88")
    a_refund_line(a_refund(trip, "3.44", "done"), trip.lines.get(), "1")

    shown = words(staff.get(form_url(trip)))

    assert 'value="lines" checked' in shown
    assert re.search(r'max="1" step="1" value="1"', shown)
    assert "Everything left" not in shown


def test_where_items_do_not_add_up_to_what_is_left_everything_left_is_proposed(staff: Client) -> None:
    trip = paid_trip("6.88")
    a_refund(trip, "1.00", "done")

    shown = words(staff.get(form_url(trip)))

    assert 'value="everything" checked' in shown
    assert '<span class="bo-hint">$5.88</span>' in shown


def test_only_the_form_is_sent_to_the_dialog(staff: Client) -> None:
    shown = words(staff.get(form_url(paid_trip()) + "?part=form"))

    assert shown.startswith("<form")
    assert "<html" not in shown


def test_the_second_screen_says_what_will_happen_and_does_nothing(staff: Client) -> None:
    trip = paid_trip("10.00")
    a_refund(trip, "1.00", "done")
    line = trip.lines.get()
    note = {f"quantity_{line.pk}": "1", f"quantity_{line.pk}_note": "Mouldy.", "note": "At the counter."}

    shown = words(staff.post(check_url(trip), filled_in(trip, **note)))

    assert "Refund $5.00?" in shown
    assert "<dt>The shopper has paid, after it</dt><dd>$4.00</dd>" in shown
    assert "<dt>Refundable, after it</dt><dd>$4.00</dd>" in shown
    assert "<dt>Reason</dt><dd>Damaged item</dd>" in shown
    assert "Mouldy." in shown
    assert "At the counter." in shown
    assert "To VISA ending in 4242." in shown
    assert Refund.objects.count() == 1
    assert Charge.objects.get().committed == Decimal("1.00")
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("processor", "goes_to"),
    [
        ("house_account", "To the member&#x27;s house account, where it is at once."),
        ("stripe", "By Stripe, to the card that paid."),
    ],
)
def test_the_second_screen_says_where_the_money_of_an_own_processor_goes(
    staff: Client, processor: str, goes_to: str
) -> None:
    trip = paid_trip("10.00")
    Charge.objects.update(flow="OWN_PROCESSOR", processor=processor)

    assert goes_to in words(staff.post(check_url(trip), filled_in(trip)))


def test_what_the_second_screen_sends_on_is_what_it_has_shown(staff: Client) -> None:
    trip = paid_trip("6.88")
    form = filled_in(trip, note="It was bruised.")

    shown = words(staff.post(check_url(trip), form))
    answer = staff.post(form_url(trip), hidden_fields(shown), follow=True)

    assert "Refund of $6.88 queued." in words(answer)
    refund = Refund.objects.get()
    assert (str(refund.refund_request_id), refund.note) == (form["refund_request_id"], "It was bruised.")
    assert refund.lines.get().quantity == 2


def test_going_back_keeps_what_was_typed(staff: Client) -> None:
    trip = paid_trip()
    shown = words(staff.post(check_url(trip), filled_in(trip, note="Kept note")))

    back = words(staff.post(check_url(trip), hidden_fields(shown) | {"change": "1"}))

    assert "Kept note" in back
    assert 'value="2"' in back
    assert "Refund $6.88?" not in back


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"reason": ""}, "This field is required."),
        ({"mode": "amount", "amount": "7.00"}, "At most $6.88 can be refunded now."),
        ({"mode": "amount", "amount": "1.005"}, "USD has 2 decimals."),
    ],
)
def test_what_cannot_be_done_is_said_on_the_first_screen(staff: Client, fields: dict[str, str], error: str) -> None:
    trip = paid_trip()

    shown = words(staff.post(check_url(trip), filled_in(trip, **fields)))

    assert error in shown
    assert "Refund $" not in shown


def test_a_second_person_is_announced(staff: Client) -> None:
    trip = paid_trip("80.00", store=a_store("Strict", refund_approval_above=Decimal("50.00")))

    shown = words(staff.post(check_url(trip), filled_in(trip)))

    assert "it is sent once somebody else has approved it" in shown
    assert not Refund.objects.exists()


@pytest.mark.parametrize("url", [check_url, form_url])
def test_any_amount_needs_a_right_of_its_own(client: Client, url: Any) -> None:
    client.force_login(staff_with("orders.view_trip", "payments.request_refund"))
    trip = paid_trip()

    shown = words(client.get(form_url(trip)))
    refused = words(client.post(url(trip), filled_in(trip, mode="amount", amount="1.00")))

    assert re.search(r'value="amount" +disabled', shown)
    assert "payments.refund_amount" in shown
    assert "payments.refund_amount" in refused
    assert not Refund.objects.exists()


def test_goodwill_needs_no_item_and_nothing_outstanding(staff: Client) -> None:
    trip = paid_trip("6.88")

    staff.post(form_url(trip), filled_in(trip, mode="amount", amount="2.00", reason=reason_of("OTHER")))

    refund = Refund.objects.get()
    assert (refund.amount, refund.lines.count(), refund.reason) == (Decimal("2.00"), 0, "OTHER")
    assert "An amount without items" in words(
        staff.post(check_url(trip), filled_in(trip, mode="amount", amount="1.00"))
    )


def test_all_that_is_left_is_written_down_by_items_where_they_add_up(staff: Client) -> None:
    trip = paid_trip("6.88")

    staff.post(form_url(trip), filled_in(trip, mode="everything", everything="6.88"))

    assert Refund.objects.get().lines.get().quantity == 2


def test_where_they_do_not_it_is_an_amount(staff: Client) -> None:
    trip = paid_trip("6.88")
    a_refund(trip, "1.00", "done")

    staff.post(form_url(trip), filled_in(trip, mode="everything", everything="5.88"))

    assert not Refund.objects.get(state="queued").lines.exists()


# --- Reasons ---------------------------------------------------------------------------------------------------


def test_reasons_are_those_in_use_in_their_order(staff: Client) -> None:
    RefundReason.objects.exclude(label="Wrong price").update(is_active=False)
    RefundReason.objects.create(label="Found a hair", code="DAMAGED_ITEM", position=99)

    shown = words(staff.get(form_url(paid_trip())))

    assert re.findall(r'<option value="\d+" >([^<]+)</option>', shown) == ["Wrong price", "Found a hair"]


def test_amazon_is_told_the_code_and_the_refund_keeps_the_words(staff: Client) -> None:
    reason = RefundReason.objects.create(label="Found a hair", code="DAMAGED_ITEM")
    trip = paid_trip()

    staff.post(form_url(trip), filled_in(trip, reason=str(reason.pk)))
    reason.label = "Other words"
    reason.save()

    refund = Refund.objects.get()
    assert (refund.reason, refund.why) == ("DAMAGED_ITEM", "Found a hair")
    shown = words(staff.get(f"/admin/orders/trip/{trip.pk}/change/"))
    assert "Found a hair, asked for by clerk" in shown
    assert "2 units to be refunded: Found a hair" in shown


def test_one_that_is_out_of_use_is_refused(staff: Client) -> None:
    reason = RefundReason.objects.create(label="Of old", code="OTHER", is_active=False)
    trip = paid_trip()

    assert "Select a valid choice." in words(staff.post(form_url(trip), filled_in(trip, reason=str(reason.pk))))
    assert not Refund.objects.exists()


def test_staff_with_the_right_keep_the_list(client: Client) -> None:
    client.force_login(
        staff_with("payments.view_refundreason", "payments.add_refundreason", "payments.change_refundreason")
    )

    client.post("/admin/payments/refundreason/add/", {"label": "Found a hair", "code": "DAMAGED_ITEM", "position": "3"})

    reason = RefundReason.objects.get(label="Found a hair")
    assert (reason.code, reason.position, reason.is_active) == ("DAMAGED_ITEM", 3, False)
    assert client.post(f"/admin/payments/refundreason/{reason.pk}/delete/", {"post": "yes"}).status_code == 403


# --- Telling the shopper ---------------------------------------------------------------------------------------


def known_shopper(trip: Trip) -> Trip:
    trip.member = Member.objects.create(external_id="MEMBER-1", email="ada@example.com")
    trip.save()
    return trip


def test_the_shopper_is_told_where_their_address_is_known_and_staff_agree(staff: Client, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://localhost"
    trip = known_shopper(paid_trip())
    form = filled_in(trip, tells_shopper="on")

    asked = words(staff.get(form_url(trip)))
    shown = words(staff.post(check_url(trip), form))
    staff.post(form_url(trip), form)

    assert 'name="tells_shopper" checked' in asked
    assert "(a***)" in shown
    assert "ada@example.com" not in asked + shown
    assert "We have given $6.88 back to you" in shown
    notice = RefundNotice.objects.get()
    assert (notice.state, notice.next_attempt_at) == ("waiting", None)
    assert "The shopper is told by e-mail when it is done" in words(staff.get(f"/admin/orders/trip/{trip.pk}/change/"))


def test_nobody_is_told_unless_the_box_is_ticked(staff: Client, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://localhost"
    trip = known_shopper(paid_trip())

    shown = words(staff.post(check_url(trip), filled_in(trip)))
    staff.post(form_url(trip), filled_in(trip))

    assert "The shopper is not told by e-mail." in shown
    assert not RefundNotice.objects.exists()


def test_an_address_from_the_kiosk_counts_too(staff: Client, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://localhost"
    trip = paid_trip()
    a_receipt(trip, "sent", email="card@example.com")

    assert "c***" in words(staff.get(form_url(trip)))


@pytest.mark.parametrize(
    ("url", "why"), [("smtp://localhost", "No e-mail address of the shopper"), ("", "No mail server")]
)
def test_the_form_says_why_nobody_can_be_told(staff: Client, settings: Any, url: str, why: str) -> None:
    settings.EMAIL_URL = url

    shown = words(staff.get(form_url(paid_trip())))

    assert why in shown
    assert "tells_shopper" not in shown


# --- Withdrawing -----------------------------------------------------------------------------------------------


def withdraw_url(refund: Refund) -> str:
    return f"/admin/orders/trip/{refund.charge.trip_id}/refunds/{refund.pk}/withdraw/"


@pytest.mark.parametrize("state", ["pending_approval", "queued"])
def test_whoever_asked_withdraws_it_until_it_is_sent(staff: Client, state: str) -> None:
    trip = paid_trip()
    refund = a_refund(trip, "2.00", state, requested_by="clerk")
    assert withdraw_url(refund) in words(staff.get(f"/admin/orders/trip/{trip.pk}/change/"))

    answer = staff.post(withdraw_url(refund), follow=True)

    assert "Refund of $2.00 withdrawn." in words(answer)
    refund.refresh_from_db()
    assert (refund.state, refund.next_attempt_at, refund.lease_count) == ("withdrawn", None, 1)
    assert Charge.objects.get().committed == 0
    assert PaymentEvent.objects.get(phase="withdrawn").actor == "clerk"
    assert "At most <strong>$6.88</strong>" in words(staff.get(form_url(trip)))


@pytest.mark.parametrize("state", ["sent", "unknown", "done", "failed", "rejected"])
def test_what_is_sent_or_over_stays(staff: Client, state: str) -> None:
    refund = a_refund(paid_trip(), "2.00", state, requested_by="clerk")

    assert "It can be withdrawn until it is sent" in words(staff.post(withdraw_url(refund), follow=True))
    assert Refund.objects.get().state == state


def test_nobody_withdraws_what_somebody_else_has_asked_for(staff: Client) -> None:
    trip = paid_trip()
    refund = a_refund(trip, "2.00", "pending_approval", requested_by="amina")

    assert withdraw_url(refund) not in words(staff.get(f"/admin/orders/trip/{trip.pk}/change/"))
    assert "Only amina, who asked for it" in words(staff.post(withdraw_url(refund), follow=True))
    assert Refund.objects.get().state == "pending_approval"


def test_withdrawing_needs_the_right_to_refund(client: Client) -> None:
    client.force_login(staff_with("orders.view_trip"))
    refund = a_refund(paid_trip(), "2.00", "pending_approval", requested_by="clerk")

    assert client.post(withdraw_url(refund)).status_code == 403


# --- Rounding --------------------------------------------------------------------------------------------------


def test_the_parts_of_a_line_come_to_the_whole_however_it_is_split(staff: Client) -> None:
    trip = paid_trip("10.00")
    trip.lines.update(quantity=3)
    line = trip.lines.get()

    for _ in range(3):
        staff.post(form_url(trip), filled_in(trip, **{f"quantity_{line.pk}": "1"}))

    amounts = list(Refund.objects.order_by("pk").values_list("amount", flat=True))
    assert amounts == [Decimal("3.33"), Decimal("3.34"), Decimal("3.33")]
    assert sum(amounts) == Charge.objects.get().captured


def test_a_refund_after_the_window_is_refused_on_both_screens(staff: Client) -> None:
    trip = paid_trip()
    a_line(trip)
    Charge.objects.update(captured_at=trip.received_at - timedelta(days=8))

    for url in (check_url(trip), form_url(trip)):
        assert "The refund window of 7 days" in words(staff.post(url, filled_in(trip)))
    assert not Refund.objects.exists()
