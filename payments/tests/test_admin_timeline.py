"""The timeline of the trip's page: one stream of all that happened, by whom, and what it changed."""

import json
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from amazon.models import InboundCall
from loyalty.models import Member, Scan
from orders.models import Cart, Trip, TripEvent
from payments.models import GateDecision, PaymentEvent
from payments.tests.admin_rows import (
    a_call,
    a_charge,
    a_receipt,
    a_refund,
    a_store,
    a_trip,
    an_event,
    failed_trip,
    paid_trip,
    staff_with,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    seeing = ["amazon.view_outboundcall", "amazon.view_inboundcall", "loyalty.view_scan", "payments.view_gatedecision"]
    client.force_login(staff_with("orders.view_trip", "payments.request_refund", *seeing))
    return client


def timeline(client: Client, trip: Trip) -> str:
    answer = client.get(f"/admin/orders/trip/{trip.pk}/change/")
    assert answer.status_code == 200
    shown = " ".join(answer.content.decode().split())
    return shown[shown.index("Timeline") :]


def entry(shown: str, title: str) -> str:
    """The part of the timeline that tells of this."""
    begin = shown.index(title)
    return shown[begin : shown.index('<li class="bo-', begin)] if '<li class="bo-' in shown[begin:] else shown[begin:]


def test_the_newest_comes_first(staff: Client) -> None:
    shown = timeline(staff, paid_trip())

    titles = ["Captured", "Capture requested", "Authorized", "Authorization requested", "Priced", "Cart received"]
    places = [shown.index(title) for title in titles]
    assert places == sorted(places)


def test_days_are_the_stores(staff: Client) -> None:
    store = a_store("Shibuya", time_zone="Asia/Tokyo", currency="USD")
    late = datetime(2026, 11, 24, 14, 50, tzinfo=UTC)  # ten minutes before midnight in Tokyo
    trip = paid_trip(store=store, started_at=late - timedelta(minutes=16))
    TripEvent.objects.create(trip=trip, kind="held", at=late + timedelta(minutes=20))

    shown = timeline(staff, trip)

    days = re.findall(r'<li class="bo-day">([^<]+)</li>', shown)
    assert days == ["25 November 2026", "24 November 2026"]


def test_the_gate_the_scan_and_amazons_own_calls_have_their_place_and_lead_to_their_pages(staff: Client) -> None:
    trip = paid_trip()
    event_id = str(uuid4())
    auth = {"id": event_id, "payloadType": "SCAN_CODE", "eventTimestamp": "2026-11-24T10:00:00Z"}
    body = {
        "requestId": str(uuid4()),
        "idempotentShoppingTripId": trip.amazon_trip_id,
        "storeId": trip.store.external_id,
        "shoppingTrip": {"startTime": "2026-11-24T10:00:00Z", "endTime": "2026-11-24T10:05:00Z", "authEvents": [auth]},
        "cartItems": [],
    }
    Cart.objects.filter(trip=trip).update(body=json.dumps(body).encode())
    member = Member.objects.create(external_id="MEMBER-1")
    scan = Scan.objects.create(
        kind="identity",
        event_id=event_id,
        store=trip.store,
        member=member,
        shown="…1234",
        at=trip.started_at,
        is_accepted=True,
    )
    decision = GateDecision.objects.create(
        store=trip.store,
        amazon_trip_id=trip.amazon_trip_id,
        shopper_id="card",
        is_authorized=True,
        reasons=["No debt is known."],
        decided_at=trip.started_at + timedelta(seconds=1),
    )
    call = InboundCall.objects.create(
        at=trip.received_at, endpoint="/v1/order/purchases", caller="key 1", amazon_trip_id=trip.amazon_trip_id,
        request_id="REQUEST-9", body="{}", is_whole=True, status=201, answer="{}", duration_ms=3,
    )  # fmt: skip

    shown = timeline(staff, trip)

    assert f"/admin/loyalty/scan/{scan.pk}/change/" in entry(shown, "Code …1234 presented at the gate")
    told = entry(shown, "Let in at the gate")
    assert "No debt is known." in told
    assert f"/admin/payments/gatedecision/{decision.pk}/change/" in told
    told = entry(shown, "Amazon called /v1/order/purchases: 201")
    assert "REQUEST-9" in told
    assert f"/admin/amazon/inboundcall/{call.pk}/change/" in told


def test_who_did_it_is_a_person_amazon_or_the_system(staff: Client) -> None:
    trip = paid_trip()
    an_event(trip.charge, "retry", "requested", key="9", actor="amina")

    shown = timeline(staff, trip)

    assert 'amina<span class="bo-unseen"> (person)</span>' in entry(shown, "Collected again from the start")
    assert ">cloud</span> Amazon</span>" in entry(shown, "Captured <strong>")
    assert ">settings</span> system</span>" in entry(shown, "Priced")


def test_an_entry_says_what_it_changed(staff: Client) -> None:
    trip = paid_trip("10.00")
    a_refund(trip, "4.00", "done", reconciliation_id="RECON-77")

    shown = timeline(staff, trip)

    asked = entry(shown, "Refund requested")
    assert "<dt>Refund on its way</dt><dd>$0.00 → <strong>$4.00</strong></dd>" in asked
    assert "<dt>Refundable</dt><dd>$10.00 → <strong>$6.00</strong></dd>" in asked
    done = entry(shown, "Refunded <strong>")
    assert "<dt>Refunded</dt><dd>$0.00 → <strong>$4.00</strong></dd>" in done
    assert 'data-copy="RECON-77"' in done
    assert "Refundable" not in done


def test_a_call_is_an_attempt_with_its_amount_outcome_time_and_reference(staff: Client) -> None:
    trip = paid_trip()
    a_call(trip, "refund", 200, answer='{"reconciliationId": "R-1"}', duration_ms=41)

    told = entry(timeline(staff, trip), "Called Amazon: refund")

    assert "<strong>$6.88</strong>" in told
    assert "done" in told
    assert "200, 41 ms" in told
    assert 'data-copy="R-1"' in told


def test_what_went_wrong_is_explained_and_whether_trying_again_is_safe(staff: Client) -> None:
    trip = failed_trip()
    a_call(trip, "capture", None)
    a_call(trip, "adjust", 400, answer='{"errorMsg": "UnknownShoppingTrip"}', error="Amazon answered 400.")

    shown = timeline(staff, trip)

    assert "Trying again is not safe" in entry(shown, "Called Amazon: capture")
    told = entry(shown, "Called Amazon: authorization")
    assert "Amazon does not know this trip at this store. (UnknownShoppingTrip)" in told


def test_retries_fold_into_one_entry_that_says_when_the_next_one_comes(staff: Client) -> None:
    trip = a_trip("collecting", total="6.88")
    at = datetime(2026, 11, 24, 15, 40, tzinfo=UTC)
    charge = a_charge(trip, "adjusting", next_attempt_at=at + timedelta(minutes=12), failed_attempts=3)
    an_event(charge, "adjust", "requested", "6.88", at=at)
    for minute in (1, 2, 3):
        a_call(trip, "adjust", None, at=at + timedelta(minutes=minute))

    shown = timeline(staff, trip)

    assert shown.count("Called Amazon: authorization") == 1
    told = re.sub(r"<[^>]+>", "", entry(shown, "Called Amazon: authorization"))
    assert "3 attempts, last 10:43:00, next 10:52:00" in told


@pytest.mark.parametrize(
    ("flow", "sent", "next_call", "other"),
    [
        ("PAYMENT_SERVICE", "capture", "card data", "capture"),
        ("CHECKOUT_SERVICE", "checkout", "checkout", "card data"),
    ],
)
def test_what_comes_next_is_said_where_it_will_be_tried(
    staff: Client, flow: str, sent: str, next_call: str, other: str
) -> None:
    trip = a_trip("collecting", total="6.88")
    at = datetime(2026, 11, 24, 15, 40, tzinfo=UTC)
    fields = {"flow": flow, "next_attempt_at": at + timedelta(minutes=12), "failed_attempts": 2}
    charge = a_charge(trip, "unknown", **fields)
    an_event(charge, "capture", "requested", "6.88", at=at)
    a_call(trip, sent, None, at=at + timedelta(minutes=1))
    a_call(trip, "transactional-data", None, at=at + timedelta(minutes=2))

    shown = timeline(staff, trip)

    assert "10:52:00" in entry(shown, f"Called Amazon: {next_call}")
    assert "10:52:00" not in entry(shown, f"Called Amazon: {other}")


def test_other_things_between_them_keep_retries_apart(staff: Client) -> None:
    trip = paid_trip()
    now = datetime.now(UTC)
    a_call(trip, "refund", None, at=now - timedelta(minutes=1))
    a_refund(trip, "1.00")
    a_call(trip, "refund", 200, at=now + timedelta(minutes=1))

    assert timeline(staff, trip).count("Called Amazon: refund") == 2


def test_what_one_request_wrote_is_told_together(staff: Client) -> None:
    trip, request_id = paid_trip(), str(uuid4())
    at = datetime.now(UTC)
    an_event(trip.charge, "debt", "paid", "1.00", key="a", request_id=request_id, at=at)
    an_event(trip.charge, "debt", "waived", "1.00", key="b", request_id=request_id, at=at)
    an_event(trip.charge, "retry", "requested", key="c", request_id=str(uuid4()), at=at)

    shown = timeline(staff, trip)

    assert shown.count("In one go with the entry below") == 1
    assert f'title="Request {request_id}"' in entry(shown, "Debt waived")


def test_a_request_of_staff_has_an_id_that_its_events_and_its_answer_bear(staff: Client) -> None:
    trip = paid_trip()
    refund = a_refund(trip, "1.00", "pending_approval", requested_by="clerk")

    answer = staff.post(f"/admin/orders/trip/{trip.pk}/refunds/{refund.pk}/withdraw/")

    event = PaymentEvent.objects.get(kind="refund", phase="withdrawn")
    assert event.request_id == answer["X-Request-Id"] != ""


@pytest.mark.parametrize(("actor", "is_manual"), [("amina", True), ("Amazon", False)])
def test_what_only_a_person_says_of_money_is_marked(staff: Client, actor: str, is_manual: bool) -> None:
    trip = paid_trip()
    PaymentEvent.objects.filter(kind="capture", phase="succeeded").update(actor=actor)

    assert ("manual" in entry(timeline(staff, trip), "Captured <strong>")) == is_manual


def test_e_mails_stand_on_it(staff: Client) -> None:
    trip = paid_trip()
    a_receipt(trip, "sent", email="a@example.com", sent_at=datetime.now(UTC))

    assert "Receipt sent by e-mail" in timeline(staff, trip)


def test_payloads_need_a_right_of_their_own(client: Client) -> None:
    client.force_login(staff_with("orders.view_trip"))
    trip = paid_trip()
    a_call(trip, "refund", 200, answer='{"reconciliationId": "R-1", "more": "SECRET"}')

    shown = timeline(client, trip)

    assert "Called Amazon: refund" in shown
    assert "SECRET" not in shown
    assert "/admin/amazon/" not in shown


def test_five_hundred_events_cost_no_statement_more(staff: Client) -> None:
    trip = paid_trip("50.00")
    a_refund(trip, "1.00")

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            timeline(staff, trip)
        return len(captured)

    statements()
    before = statements()
    PaymentEvent.objects.bulk_create(
        PaymentEvent(charge=trip.charge, kind="retry", phase="requested", key=str(number), currency="USD")
        for number in range(500)
    )
    for _ in range(5):
        a_call(trip, "adjust", 200)
    assert statements() == before


def test_the_page_of_a_paid_trip_costs_fewer_than_fifteen_statements(staff: Client) -> None:
    trip = paid_trip()
    a_receipt(trip, "sent", sent_at=datetime.now(UTC))
    timeline(staff, trip)

    with CaptureQueriesContext(connection) as captured:
        timeline(staff, trip)

    assert len(captured) < 15, [query["sql"][:80] for query in captured]


def test_a_replayed_call_is_nobodys_but_ours(staff: Client) -> None:
    trip = paid_trip()
    InboundCall.objects.create(
        at=trip.received_at,
        endpoint="/v1/order/purchases",
        caller="replay",
        amazon_trip_id=trip.amazon_trip_id,
        body="{}",
        is_whole=True,
        status=201,
        answer="{}",
        duration_ms=3,
        is_replay=True,
    )

    assert "(system)" not in entry(timeline(staff, trip), "Replayed /v1/order/purchases: 201")
    assert ">settings</span> system" in entry(timeline(staff, trip), "Replayed /v1/order/purchases: 201")


def test_nothing_on_it_can_be_changed_or_taken_away(admin_client: Client) -> None:
    trip = paid_trip()
    [first, *_] = trip.events.all()

    for path in (f"tripevent/{first.pk}/change", f"tripevent/{first.pk}/delete"):
        assert admin_client.post(f"/admin/orders/{path}/", {"detail": "Other"}).status_code == 404
    assert TripEvent.objects.get(pk=first.pk).detail == first.detail
