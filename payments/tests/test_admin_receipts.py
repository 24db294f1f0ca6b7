"""The list of receipts, the receipt on a trip's page, and having it sent again."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import Trip, TripEvent
from payments.models import Receipt
from payments.tests.admin_rows import a_receipt, a_store, paid_trip, staff_with

RECEIPTS = "/admin/payments/receipt/"
EMAIL = "ann@example.com"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_server(settings: Any) -> None:
    settings.EMAIL_URL = "smtp://mail.example"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with("orders.view_trip", "payments.view_receipt", "payments.resend_receipt"))
    return client


def sent_receipt(state: str = "sent", **fields: Any) -> Receipt:
    return a_receipt(fields.pop("trip", None) or paid_trip(), state, email=EMAIL, sent_at=Now(), **fields)


def of_trip(trip: Trip) -> str:
    return f"/admin/orders/trip/{trip.pk}/resend-receipt/"


def words(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def found(client: Client, query: str) -> list[int]:
    return [row.pk for row in client.get(RECEIPTS + query).context["cl"].result_list]


# --- The list --------------------------------------------------------------------------------------------------


def test_receipts_are_filtered_and_found_by_their_trip(staff: Client) -> None:
    elsewhere = a_store("Other shop")
    sent, failed = sent_receipt(), sent_receipt("failed", trip=paid_trip(store=elsewhere))

    assert found(staff, "") == [failed.pk, sent.pk]
    assert found(staff, "?state__exact=sent") == [sent.pk]
    assert found(staff, f"?store__id__exact={elsewhere.pk}") == [failed.pk]
    assert found(staff, f"?q={sent.charge.trip.amazon_trip_id}") == [sent.pk]
    assert found(staff, "?q=nonsense") == []


def test_only_who_may_see_personal_data_sees_the_address(client: Client, staff: Client) -> None:
    trip = sent_receipt().charge.trip
    pages = (RECEIPTS, f"/admin/orders/trip/{trip.pk}/change/", of_trip(trip))
    for url in pages:
        shown = words(staff.get(url))
        assert EMAIL not in shown
        assert "a***" in shown

    rights = ("orders.view_trip", "payments.view_receipt", "payments.resend_receipt", "loyalty.view_personal_data")
    client.force_login(staff_with(*rights, username="manager"))
    for url in pages:
        assert EMAIL in words(client.get(url))


def test_a_row_leads_to_its_trip(staff: Client) -> None:
    receipt = sent_receipt()

    url = staff.get(f"{RECEIPTS}{receipt.pk}/change/").url

    assert url == f"/admin/orders/trip/{receipt.charge.trip_id}/change/#receipt-{receipt.pk}"


def test_the_number_of_statements_does_not_grow(staff: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            staff.get(RECEIPTS)
        return len(captured)

    sent_receipt(), statements()
    with_one = statements()
    for _ in range(10):
        sent_receipt()
    assert statements() == with_one < 15


def test_the_list_needs_its_right_and_nobody_adds_or_deletes(client: Client, admin_client: Client) -> None:
    receipt = sent_receipt()
    assert admin_client.get(f"{RECEIPTS}add/").status_code == 403
    assert admin_client.post(f"{RECEIPTS}{receipt.pk}/delete/", {"post": "yes"}).status_code == 403

    client.force_login(staff_with("orders.view_trip"))
    assert client.get(RECEIPTS).status_code == 403


def test_an_empty_list_says_what_will_stand_there(staff: Client) -> None:
    assert "No receipt yet" in words(staff.get(RECEIPTS))


# --- On the trip's page ----------------------------------------------------------------------------------------


def test_the_trips_page_shows_the_receipt_and_leads_to_its_page(staff: Client) -> None:
    receipt = sent_receipt()
    trip = receipt.charge.trip

    shown = words(staff.get(f"/admin/orders/trip/{trip.pk}/change/"))

    assert f'href="/receipts/{receipt.token}/"' in shown
    assert f'href="{of_trip(trip)}"' in shown
    assert "Receipt sent by e-mail" in shown


@pytest.mark.parametrize(
    ("state", "said"),
    [("unknown", "perhaps sent"), ("no_address", "Nobody's e-mail address is known"), ("failed", "What it said.")],
)
def test_the_trips_page_says_why_no_receipt_arrived(staff: Client, state: str, said: str) -> None:
    receipt = a_receipt(paid_trip(), state, last_error="What it said." if state == "failed" else "")

    assert said in words(staff.get(f"/admin/orders/trip/{receipt.charge.trip_id}/change/"))


def test_a_trip_without_a_receipt_shows_none(staff: Client) -> None:
    assert "resend-receipt" not in words(staff.get(f"/admin/orders/trip/{paid_trip().pk}/change/"))


@pytest.mark.parametrize(
    ("rights", "state"), [(["orders.view_trip"], "sent"), (["payments.resend_receipt"], "waiting")]
)
def test_the_button_says_why_it_cannot_be_pressed(client: Client, rights: list[str], state: str) -> None:
    client.force_login(staff_with("orders.view_trip", *(set(rights) - {"orders.view_trip"})))
    trip = sent_receipt(state).charge.trip

    shown = words(client.get(f"/admin/orders/trip/{trip.pk}/change/"))

    assert of_trip(trip) not in shown
    assert ("payments.resend_receipt" if state == "sent" else "It is waiting to be sent already.") in shown


# --- Sending it again ------------------------------------------------------------------------------------------


def test_asking_changes_nothing(staff: Client) -> None:
    trip = sent_receipt().charge.trip

    shown = words(staff.get(of_trip(trip)))

    assert "The shopper may then have it twice." in shown
    assert Receipt.objects.get().state == "sent"


def test_it_is_sent_again_once_whoever_clicks_twice(staff: Client) -> None:
    trip = sent_receipt().charge.trip
    form = {"leases_seen": staff.get(of_trip(trip)).context["form"]["leases_seen"].value()}

    assert "The receipt will be sent again." in words(staff.post(of_trip(trip), form, follow=True))
    assert "It is waiting to be sent already." in words(staff.post(of_trip(trip), form, follow=True))

    receipt = Receipt.objects.get()
    assert (receipt.state, receipt.next_attempt_at is not None) == ("waiting", True)
    assert LogEntry.objects.count() == 1
    assert EMAIL not in LogEntry.objects.get().change_message
    event = TripEvent.objects.get(kind="receipt_asked")
    assert (event.actor, event.detail.startswith("It was sent before")) == ("clerk", True)


def test_a_click_on_a_page_from_before_it_was_sent_again_is_refused(staff: Client) -> None:
    trip = sent_receipt().charge.trip
    form = {"leases_seen": staff.get(of_trip(trip)).context["form"]["leases_seen"].value()}
    Receipt.objects.update(lease_count=F("lease_count") + 1)

    assert "It was sent meanwhile. Look again." in words(staff.post(of_trip(trip), form, follow=True))
    assert Receipt.objects.get().state == "sent"


@pytest.mark.parametrize("form", [{}, {"leases_seen": ""}, {"leases_seen": "x"}])
def test_a_form_without_what_was_seen_sends_nothing(staff: Client, form: dict[str, str]) -> None:
    trip = sent_receipt().charge.trip

    assert staff.post(of_trip(trip), form).status_code == 200
    assert Receipt.objects.get().state == "sent"


def test_without_a_mail_server_the_page_says_so(staff: Client, settings: Any) -> None:
    settings.EMAIL_URL = ""
    trip = sent_receipt("failed").charge.trip

    assert "No mail server is set" in words(staff.get(of_trip(trip)))
    staff.post(of_trip(trip), {"leases_seen": 0})
    assert Receipt.objects.get().state == "failed"


def test_there_must_be_a_receipt(staff: Client) -> None:
    for url in (of_trip(paid_trip()), "/admin/orders/trip/999/resend-receipt/"):
        assert staff.get(url).status_code == staff.post(url, {"leases_seen": 0}).status_code == 404


def test_it_needs_its_right(client: Client) -> None:
    trip = sent_receipt().charge.trip
    assert client.post(of_trip(trip)).url.startswith("/admin/login/")

    client.force_login(staff_with("orders.view_trip", "payments.view_receipt"))
    for answer in (client.get(of_trip(trip)), client.post(of_trip(trip), {"leases_seen": 0})):
        assert answer.status_code == 403
        assert "payments.resend_receipt" in answer.content.decode()
    assert Receipt.objects.get().state == "sent"
