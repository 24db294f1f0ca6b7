"""A worker is killed at every moment of its work (reliability.md, row 2): others take it up, nothing happens twice."""

import sys
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from orders.models import Trip
from orders.states import TripState
from payments.models import AccountEntry, CardDetails, Charge, FeedbackReport, Refund
from payments.services.flows import payment_service
from payments.services.flows.payment_service import Step
from payments.states import FeedbackState, RefundState
from payments.tests.app_trips import app_trip, stripe_store, with_card
from payments.tests.fake_stripe import API_KEY, fake_stripe
from payments.tests.trips import (
    TEN,
    a_store,
    assert_books_agree,
    captured_trip,
    collected,
    fresh,
    make_due,
    queued_refund,
    staged_trip,
)
from sandbox.testing import SandboxProcess
from stores.models import PaymentFlow
from tests.races.compressed_time import set_aside, work_off
from tests.races.mortal import Mortal

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

COLLECT = "payments.tasks.collect_due"
REFUND = "payments.tasks.send_refunds_due"
CARD = "payments.tasks.fetch_cards_due"
REPORT = "payments.tasks.report_payments_due"
SIDE_BY_SIDE = 2

Begin = Callable[[SandboxProcess], Trip]


@pytest.fixture(autouse=True)
def one_thing_at_a_time(settings: Any) -> None:
    settings.WORK_BATCH_SIZE = settings.WORK_CALLS = 1


def killed_at_every_moment(task: str, begin: Begin, sandbox: SandboxProcess) -> dict[str, Trip]:
    """A trip for each moment at which a worker was killed with it, by what the moment is; nobody has taken it up yet.

    The first trip is that of a worker which lived. All are killed before any is taken up: what has left by then has
    arrived, as it has when a lease ends.
    """
    trips = {"lived": begin(sandbox)}
    moments = Mortal(task).work()
    set_aside()
    for number, moment in enumerate(moments, 1):
        trips[f"{number}: {moment}"] = begin(sandbox)
        assert Mortal(task, ends_at=number).work() == []
        set_aside()
    sys.stdout.write(f"{task}: {len(moments)} moments\n")
    assert len(moments) > 5
    return trips


def killed_and_taken_up(task: str, begin: Begin, sandbox: SandboxProcess) -> list[Trip]:
    trips = killed_at_every_moment(task, begin, sandbox)
    work_off()
    return [fresh(trip) for trip in trips.values()]


def captures(sandbox: SandboxProcess, trips: dict[str, Trip]) -> dict[str, int]:
    """By Amazon's books, at which moment how many."""
    return {moment: sandbox.trip(trip.amazon_trip_id)["captures"] for moment, trip in trips.items()}


def a_trip(sandbox: SandboxProcess) -> Trip:
    return staged_trip(sandbox, TEN)


def an_empty_cart(sandbox: SandboxProcess) -> Trip:
    return staged_trip(sandbox)


def a_declining_card(sandbox: SandboxProcess) -> Trip:
    return staged_trip(sandbox, TEN, trip_id=f"declined-payment-trip-uuid-{uuid4()}")


def a_checkout(sandbox: SandboxProcess) -> Trip:
    flow = PaymentFlow.CHECKOUT_SERVICE
    return staged_trip(sandbox, TEN, store=a_store("TEST-CHECKOUT", card_flow=flow, region="us-west-2"))


def a_refund(sandbox: SandboxProcess) -> Trip:
    """4.00 of 10.00, so that a second one would find its money."""
    trip = captured_trip(sandbox)
    queued_refund(trip, "4.00")
    return trip


def a_card(sandbox: SandboxProcess) -> Trip:
    trip = captured_trip(sandbox)
    make_due(CardDetails, trip.charge.card.pk)
    return trip


class TestAmazonCollects:
    @pytest.mark.parametrize(
        ("begin", "state"),
        [
            (a_trip, TripState.PAID),
            (an_empty_cart, TripState.NO_CHARGE),
            (a_declining_card, TripState.UNPAID),
            (a_checkout, TripState.PAID),
        ],
    )
    def test_every_trip_ends_as_if_nobody_had_been_killed(
        self, begin: Begin, state: TripState, sandbox: SandboxProcess
    ) -> None:
        trips = killed_and_taken_up(COLLECT, begin, sandbox)

        assert Counter(trip.state for trip in trips) == {state: len(trips)}
        assert_books_agree(sandbox, *trips)
        assert len({trip.charge.captured for trip in trips}) == 1
        for trip in trips:
            in_book = sandbox.trip(trip.amazon_trip_id)
            assert in_book["cancelled"] == (state == TripState.NO_CHARGE)
            assert trip.charge.remote_id == (in_book["order_id"] or "")

    def test_several_that_share_their_transactions_end_so_too(self, sandbox: SandboxProcess, settings: Any) -> None:
        """Their calls are made side by side, so that the moments come in no certain order, and not always as many."""
        settings.WORK_CALLS = SIDE_BY_SIDE
        trips = [a_trip(sandbox) for _ in range(SIDE_BY_SIDE)]
        moments = Mortal(COLLECT).work()
        for number in range(1, len(moments) + 1):
            trips += [a_trip(sandbox) for _ in range(SIDE_BY_SIDE)]
            Mortal(COLLECT, ends_at=number).work()
            set_aside()

        settings.WORK_CALLS = 1
        work_off()

        trips = [fresh(trip) for trip in trips]
        assert Counter(trip.state for trip in trips) == {TripState.PAID: SIDE_BY_SIDE * (len(moments) + 1)}
        assert_books_agree(sandbox, *trips)

    def test_without_looking_up_first_the_shopper_is_charged_twice(
        self, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Negative control: whoever takes the work up asks Amazon, and does not listen: it captures again."""

        def do_not_listen(charge: Charge, answer: object) -> None:
            charge.put_capture_off()

        monkeypatch.setitem(payment_service._SUCCESS, Step.LOOK_UP, do_not_listen)
        trips = killed_at_every_moment(COLLECT, a_trip, sandbox)
        work_off()

        twice = [moment for moment, count in captures(sandbox, trips).items() if count > 1]
        sys.stdout.write(f"charged twice when killed at {twice}\n")
        assert any(moment.endswith("the call has left") for moment in twice)
        assert any(moment.endswith("its answer is there") for moment in twice)

    def test_brand_and_last_four_are_known_all_the_same(self, sandbox: SandboxProcess) -> None:
        killed_and_taken_up(CARD, a_card, sandbox)

        assert not CardDetails.objects.filter(last_four="").exists()


def test_amazon_is_told_of_each_payment_all_the_same(sandbox: SandboxProcess) -> None:
    """Perhaps twice, which is harmless: a report says what is settled in all (our reading)."""
    trips = killed_and_taken_up(REPORT, captured_trip, sandbox)

    assert set(FeedbackReport.objects.values_list("state", flat=True)) == {FeedbackState.ACCEPTED}
    for trip in trips:
        reports = sandbox.trip(trip.amazon_trip_id)["feedback"]
        assert {(report["total"], report["settled"]) for report in reports} == {("10.00", "10.00")}


class TestMoneyGoesBack:
    def test_each_refund_is_given_once(self, sandbox: SandboxProcess) -> None:
        trips = killed_and_taken_up(REFUND, a_refund, sandbox)

        assert set(Refund.objects.values_list("state", flat=True)) == {RefundState.DONE}
        assert_books_agree(sandbox, *trips)
        for trip in trips:
            [row] = sandbox.trip(trip.amazon_trip_id)["refund_rows"]
            assert row["refund_request_id"] == str(trip.charge.refunds.get().refund_request_id)
            assert trip.charge.committed == 4


class TestTheHouseAccountCollects:
    def test_each_line_is_written_once(self, sandbox: SandboxProcess) -> None:
        trips = killed_and_taken_up(COLLECT, lambda sandbox: app_trip(), sandbox)

        assert Counter(trip.state for trip in trips) == {TripState.PAID: len(trips)}
        assert AccountEntry.objects.count() == len(trips)

    def test_each_line_is_taken_back_once(self, sandbox: SandboxProcess) -> None:
        def begin(sandbox: SandboxProcess) -> Trip:
            trip = collected(app_trip())
            queued_refund(trip, "4.00")
            return trip

        trips = killed_and_taken_up(REFUND, begin, sandbox)

        assert Counter(AccountEntry.objects.values_list("amount", flat=True)) == {10: len(trips), -4: len(trips)}


class TestStripeCollects:
    def test_each_member_pays_once(self, sandbox: SandboxProcess, settings: Any) -> None:
        with_card()
        with fake_stripe() as stripe:
            settings.STRIPE_API_URL, settings.STRIPE_API_KEY = stripe.url, API_KEY

            trips = killed_and_taken_up(COLLECT, lambda sandbox: app_trip(store=stripe_store()), sandbox)

            assert Counter(trip.state for trip in trips) == {TripState.PAID: len(trips)}
            assert sorted(payment["id"] for payment in stripe.payments) == sorted(
                trip.charge.remote_id for trip in trips
            )
