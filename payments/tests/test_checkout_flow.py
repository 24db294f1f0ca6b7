"""Collecting through Amazon's checkout service, against a sandbox process: charged once, whatever happens."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from amazon.models import OutboundCall
from core.errors import Conflict
from orders.models import Trip
from orders.states import TripState
from payments.models import CardDetails, Charge, Debt, FeedbackReport, Receipt
from payments.services.attention import is_late, needs_a_look
from payments.services.collection import retry_charge
from payments.services.trips import balances_of
from payments.states import ChargeState
from payments.tests.trips import (
    TEN,
    a_store,
    assert_books_agree,
    begun,
    collected,
    fresh,
    happened,
    make_due,
    queued_refund,
    stage,
    waits,
)
from payments.tests.trips import priced_trip as a_priced_trip
from sandbox.testing import SandboxProcess
from stores.models import PaymentFlow, Store

pytestmark = pytest.mark.django_db

PATIENCE = 0.25
LATE = 0.5

SILENCES = [
    pytest.param("lose_request", {}, id="cut before Amazon acted"),
    pytest.param("lose_answer", {}, id="cut after Amazon acted"),
    pytest.param("delay_after", {"seconds": LATE}, id="time-out after Amazon acted"),
    pytest.param("delay", {"seconds": LATE}, id="time-out while Amazon acts"),
    pytest.param("garbage", {}, id="an answer that is none"),
    pytest.param("status", {"status": 500}, id="500"),
    pytest.param("status", {"status": 503}, id="503"),
]


@pytest.fixture(autouse=True)
def a_worker_that_waits_for_us(settings: Any) -> None:
    settings.AMAZON_READ_TIMEOUT = PATIENCE
    settings.WORK_RETRY_FIRST_SECONDS = 60
    settings.CAPTURE_LOOKUP_DELAY_SECONDS = 35


def a_checkout_store(**fields: Any) -> Store:
    flow = PaymentFlow.CHECKOUT_SERVICE
    return a_store("TEST-CHECKOUT", card_flow=flow, app_flow=flow, region="us-west-2", **fields)


def priced_trip(*items: tuple[str, str], **options: Any) -> Trip:
    return a_priced_trip(*items, **({"store": a_checkout_store()} | options))


def staged_trip(sandbox: SandboxProcess, *items: tuple[str, str], **options: Any) -> Trip:
    trip = priced_trip(*items, **options)
    stage(sandbox, trip)
    return trip


def calls_of(trip: Trip) -> list[str]:
    calls = OutboundCall.objects.filter(amazon_trip_id=trip.amazon_trip_id).order_by("id")
    return list(calls.values_list("operation", flat=True))


def bodies_of(trip: Trip) -> list[str]:
    return list(OutboundCall.objects.filter(amazon_trip_id=trip.amazon_trip_id).values_list("request", flat=True))


class TestWhenAmazonCharges:
    def test_one_call_takes_the_whole_cart(self, sandbox: SandboxProcess) -> None:
        trip = collected(staged_trip(sandbox, ("6.25", "2"), ("1.50", "1")))

        order_id = sandbox.trip(trip.amazon_trip_id)["order_id"]
        assert (trip.state, trip.charge.state) == (TripState.PAID, ChargeState.CAPTURED)
        assert trip.charge.remote_id == order_id
        assert happened(trip) == ["capture requested", "capture succeeded"]
        assert trip.charge.events.last().detail == f"Order {order_id}"
        assert calls_of(trip) == ["checkout"]
        assert_books_agree(sandbox, trip)

    def test_columns_and_balances_say_that_it_was_authorized_and_taken_at_once(self, sandbox: SandboxProcess) -> None:
        trip = collected(staged_trip(sandbox, TEN))

        balances = balances_of(trip)
        assert (trip.charge.authorized, trip.charge.captured) == (10, 10)
        assert (balances.authorized.plain, balances.captured.plain) == ("10.00", "10.00")
        assert not balances.outstanding

    @pytest.mark.parametrize("tax_included", [False, True])
    def test_weighed_goods_and_uneven_taxes_add_up_for_amazon(
        self, sandbox: SandboxProcess, tax_included: bool
    ) -> None:
        store = a_checkout_store(prices_include_tax=tax_included)

        trip = collected(staged_trip(sandbox, ("0.99", "3"), ("1.89", "0.347"), store=store, tax_rate="8.875"))

        assert trip.state == TripState.PAID, trip.charge.last_error
        assert sandbox.trip(trip.amazon_trip_id)["order"]["total"] == f"{trip.total:.2f}"
        assert_books_agree(sandbox, trip)

    def test_amazon_gives_the_receipt_and_needs_no_report(self, sandbox: SandboxProcess) -> None:
        trip = collected(staged_trip(sandbox, TEN))

        for model in (CardDetails, FeedbackReport, Receipt):
            assert not model.objects.filter(charge=trip.charge).exists()

    def test_a_total_of_zero_is_sent_and_ends_as_no_charge(self, sandbox: SandboxProcess) -> None:
        trip = collected(staged_trip(sandbox, ("0.00", "2")))

        assert trip.state == TripState.NO_CHARGE
        assert calls_of(trip) == ["checkout"]
        assert sandbox.trip(trip.amazon_trip_id)["order"]["total"] == "0.00"
        assert_books_agree(sandbox, trip)

    def test_an_empty_cart_is_not_sent(self, sandbox: SandboxProcess) -> None:
        trip = collected(staged_trip(sandbox))

        assert (trip.state, trip.charge.state) == (TripState.NO_CHARGE, ChargeState.CANCELLED)
        assert trip.purchase_id == ""
        assert calls_of(trip) == []
        assert trip.charge.next_attempt_at is None


class TestWhenAmazonRefuses:
    def test_an_unknown_trip_fails_and_says_so(self, sandbox: SandboxProcess) -> None:
        trip = collected(priced_trip(TEN))

        assert trip.state == TripState.FAILED
        assert "UnknownShoppingTripException" in trip.charge.last_error
        assert happened(trip) == ["capture requested", "capture failed"]

    @pytest.mark.parametrize("status", [400, 403])
    def test_a_trip_that_failed_can_be_collected_again(self, sandbox: SandboxProcess, status: int) -> None:
        trip = staged_trip(sandbox, TEN)
        sandbox.fault("status", operation="checkout", trip=trip.amazon_trip_id, status=status)
        failed = collected(trip)

        retry_charge(failed.charge, actor="manager")
        trip = collected(trip)

        assert failed.state == TripState.FAILED
        assert trip.state == TripState.PAID
        assert_books_agree(sandbox, trip)

    @pytest.mark.parametrize("price", ["10.00", "0.00"])
    def test_an_expired_token_expires_the_trip(self, sandbox: SandboxProcess, price: str) -> None:
        trip = staged_trip(sandbox, (price, "1"))
        sandbox.move_clock(47 * 3600)

        trip = collected(trip)

        assert trip.state == TripState.EXPIRED
        assert "ShoppingTripExpiredException" in trip.charge.last_error
        assert [debt.amount for debt in Debt.objects.filter(charge=trip.charge)] == [10] * (price == "10.00")

    def test_a_region_without_checkout_host_fails_in_plain_words(self, sandbox: SandboxProcess, settings: Any) -> None:
        settings.AMAZON_CHECKOUT_URL = ""
        store = a_store("TEST-IRELAND", region="eu-west-1", card_flow=PaymentFlow.CHECKOUT_SERVICE)

        trip = collected(priced_trip(TEN, store=store))

        assert trip.state == TripState.FAILED
        assert "Amazon has no host for this in eu-west-1" in trip.charge.last_error


class TestWhenAmazonIsBusy:
    def test_a_429_is_retried_when_amazon_says_and_not_before(self, sandbox: SandboxProcess) -> None:
        trip = staged_trip(sandbox, TEN)
        sandbox.fault("status", operation="checkout", trip=trip.amazon_trip_id, status=429, retry_after="500")

        first = collected(trip)
        collection_runs = calls_of(trip)
        trip = collected(trip)

        assert (first.state, first.charge.state) == (TripState.COLLECTING, ChargeState.PENDING)
        assert collection_runs == ["checkout"]
        assert trip.state == TripState.PAID
        assert_books_agree(sandbox, trip)

    def test_an_amazon_that_cannot_be_reached_is_called_again(self, sandbox: SandboxProcess, settings: Any) -> None:
        trip = staged_trip(sandbox, TEN)
        settings.AMAZON_CHECKOUT_URL = "http://127.0.0.1:9"
        assert "could not be reached" in collected(trip).charge.last_error
        settings.AMAZON_CHECKOUT_URL = sandbox.url

        assert collected(trip).state == TripState.PAID


class TestWhenNoAnswerComes:
    @pytest.mark.parametrize(("kind", "fields"), SILENCES)
    def test_the_same_body_is_sent_again_and_the_shopper_is_charged_once(
        self, sandbox: SandboxProcess, kind: str, fields: dict[str, Any]
    ) -> None:
        trip = staged_trip(sandbox, ("0.99", "3"), ("1.89", "0.347"), tax_rate="8.875")
        sandbox.fault(kind, operation="checkout", trip=trip.amazon_trip_id, **fields)

        first = collected(trip)
        trip = collected(trip)

        assert (first.state, first.charge.state) == (TripState.COLLECTING, ChargeState.UNKNOWN)
        assert trip.state == TripState.PAID
        assert happened(trip) == ["capture requested", "capture unknown", "capture succeeded"]
        bodies = bodies_of(trip)
        assert len(bodies) == 2
        assert len(set(bodies)) == 1
        assert_books_agree(sandbox, trip)

    def test_it_is_not_sent_again_while_it_may_still_be_on_its_way(self, sandbox: SandboxProcess) -> None:
        """That one trip is charged once is our reading; that two calls at once are is none."""
        trip = staged_trip(sandbox, TEN)
        sandbox.fault("delay", operation="checkout", trip=trip.amazon_trip_id, seconds=LATE)

        assert 30 < waits(collected(trip)) <= 35

    def test_a_key_of_its_own_for_each_try_would_charge_twice(self, sandbox: SandboxProcess) -> None:
        """Negative control of the test above: the trip's id is what keeps the second call from charging."""
        trip, other = staged_trip(sandbox, TEN), staged_trip(sandbox, TEN)
        sandbox.fault("lose_answer", operation="checkout", trip=trip.amazon_trip_id)
        collected(trip)
        Trip.objects.filter(pk=other.pk).update(amazon_trip_id=f"moved-{uuid4()}")
        Trip.objects.filter(pk=trip.pk).update(amazon_trip_id=other.amazon_trip_id)

        collected(trip)

        books = {entry["trip_id"]: entry["captures"] for entry in sandbox.books()}
        assert (books[trip.amazon_trip_id], books[other.amazon_trip_id]) == (1, 1)

    @pytest.mark.parametrize("status", [400, 403, 429])
    def test_a_refusal_after_silence_is_not_taken_for_an_untouched_card(
        self, sandbox: SandboxProcess, status: int
    ) -> None:
        trip = staged_trip(sandbox, TEN)
        sandbox.fault("lose_answer", operation="checkout", trip=trip.amazon_trip_id)
        sandbox.fault("status", operation="checkout", trip=trip.amazon_trip_id, status=status)

        states = [collected(trip).charge.state for _ in range(3)]

        assert states == [ChargeState.UNKNOWN, ChargeState.UNKNOWN, ChargeState.CAPTURED]
        assert_books_agree(sandbox, trip)

    def test_an_expired_token_after_silence_is_no_outcome_either(self, sandbox: SandboxProcess) -> None:
        trip = staged_trip(sandbox, TEN)
        sandbox.fault("lose_request", operation="checkout", trip=trip.amazon_trip_id)
        collected(trip)
        sandbox.move_clock(47 * 3600)

        for _ in range(3):
            trip = collected(trip)

        assert (trip.state, trip.charge.state) == (TripState.COLLECTING, ChargeState.UNKNOWN)
        assert not Debt.objects.filter(charge=trip.charge).exists()
        assert trip in needs_a_look()


class TestWhenAWorkerDies:
    @pytest.mark.parametrize("is_sent", [True, False], ids=["after sending", "before sending"])
    def test_a_charge_found_in_capturing_is_sent_again(self, sandbox: SandboxProcess, is_sent: bool) -> None:
        trip = staged_trip(sandbox, TEN)
        make_due(Charge, trip.charge.pk)
        check_out = begun(Charge.lease_due(1)[0])
        if is_sent:
            check_out()
        assert fresh(trip).charge.state == ChargeState.CAPTURING

        trip = collected(trip)

        assert trip.state == TripState.PAID
        assert happened(trip) == ["capture requested", "capture unknown", "capture succeeded"]
        assert_books_agree(sandbox, trip)


def test_a_trip_that_amazon_refunds_itself_is_not_refunded_here(sandbox: SandboxProcess) -> None:
    trip = collected(staged_trip(sandbox, TEN))

    with pytest.raises(Conflict, match="use the merchant portal"):
        queued_refund(trip, "1.00")


def test_the_deadline_of_amazons_token_counts_here_as_well(sandbox: SandboxProcess) -> None:
    trip = priced_trip(TEN)

    assert is_late(trip, trip.deadline)
    trip.store.card_flow = PaymentFlow.OWN_PROCESSOR
    assert not is_late(trip, trip.deadline)


def test_the_cart_is_the_one_that_was_priced_whatever_the_product_costs_now(sandbox: SandboxProcess) -> None:
    trip = staged_trip(sandbox, ("6.25", "2"))
    trip.store.products.update(price=Decimal("99.00"), sku="RENAMED", name="Renamed")

    assert collected(trip).state == TripState.PAID
    assert sandbox.trip(trip.amazon_trip_id)["captured"] == "12.50"
