"""A person says what became of a charge or a refund whose outcome stays unknown."""

from typing import Any

import pytest

from core.errands import Leased, go_on
from core.errors import Conflict, Invalid
from orders.models import Trip
from orders.states import TripState
from payments.models import Charge, Refund
from payments.services.attention import needs_a_look
from payments.services.collection import retry_charge
from payments.services.refunds import Refunding, retry_refund
from payments.services.resolution import TRIES_BEFORE_A_PERSON, resolve_charge, resolve_refund
from payments.services.trips import balances_of
from payments.states import ChargeState, RefundState
from payments.tests.trips import (
    TEN,
    assert_books_agree,
    begun,
    captured_trip,
    collected,
    fresh,
    happened,
    make_due,
    queued_refund,
    sent,
    staged_trip,
)
from sandbox.testing import SandboxProcess
from stores.models import PaymentFlow

pytestmark = pytest.mark.django_db

NOTE = "The merchant portal shows it."


@pytest.fixture(autouse=True)
def no_waiting(settings: Any) -> None:
    settings.WORK_RETRY_FIRST_SECONDS = 60


def unknown_charge(sandbox: SandboxProcess, *, was_taken: bool) -> Trip:
    """The answer to the capture was lost, and Amazon does not say whether it took the money."""
    trip = staged_trip(sandbox, TEN)
    kind = "lose_answer" if was_taken else "lose_request"
    sandbox.fault(kind, operation="capture", trip=trip.amazon_trip_id)
    sandbox.fault("status", operation="transactional-data", trip=trip.amazon_trip_id, status=500, times=None)
    for _ in range(TRIES_BEFORE_A_PERSON):
        trip = collected(trip)
    assert trip.charge.state == ChargeState.UNKNOWN
    sandbox.clear_faults()
    return trip


def unknown_refund(sandbox: SandboxProcess, *, was_given: bool) -> Refund:
    """The answer to the first try was lost, and Amazon refuses all that come after it."""
    trip = captured_trip(sandbox)
    sandbox.fault("lose_answer" if was_given else "lose_request", operation="refund", trip=trip.amazon_trip_id)
    sandbox.fault("status", operation="refund", trip=trip.amazon_trip_id, status=400, times=None)
    refund = queued_refund(trip, "4.00")
    for _ in range(TRIES_BEFORE_A_PERSON):
        refund = sent(refund)
    assert refund.state == RefundState.UNKNOWN
    sandbox.clear_faults()
    return refund


class TestCharges:
    def test_one_that_was_taken_is_captured_without_another_call(self, sandbox: SandboxProcess) -> None:
        trip = unknown_charge(sandbox, was_taken=True)

        resolve_charge(trip.charge, was_taken=True, actor="manager", note=NOTE)

        trip = fresh(trip)
        event = trip.charge.events.get(kind="capture", phase="succeeded")
        assert (trip.state, trip.charge.state) == (TripState.PAID, ChargeState.CAPTURED)
        assert (event.actor, event.detail, event.amount) == ("manager", NOTE, 10)
        assert trip.charge.next_attempt_at is None
        assert_books_agree(sandbox, trip)

    def test_one_that_was_not_taken_is_asked_for_again(self, sandbox: SandboxProcess) -> None:
        trip = unknown_charge(sandbox, was_taken=False)

        resolve_charge(trip.charge, was_taken=False, actor="manager", note=NOTE)
        trip = collected(trip)

        assert trip.state == TripState.PAID
        assert happened(trip)[-3:] == ["capture disproved", "capture requested", "capture succeeded"]
        assert_books_agree(sandbox, trip)

    def test_a_wrong_word_is_seen_in_amazons_books(self, sandbox: SandboxProcess) -> None:
        """The negative control of the tests above: nothing but the person's word keeps the second capture away."""
        trip = unknown_charge(sandbox, was_taken=True)

        resolve_charge(trip.charge, was_taken=False, actor="manager", note="I guessed.")
        trip = collected(trip)

        with pytest.raises(AssertionError, match=r"ours .*10.*Amazon's .*20"):
            assert_books_agree(sandbox, trip)

    def test_a_refusal_that_follows_is_final(self, sandbox: SandboxProcess) -> None:
        """Without the person's word it could be a refusal because the money was taken before."""
        trip = unknown_charge(sandbox, was_taken=False)
        resolve_charge(trip.charge, was_taken=False, actor="manager", note=NOTE)
        sandbox.fault("status", operation="capture", trip=trip.amazon_trip_id, status=400)

        trip = collected(trip)

        assert (trip.state, trip.charge.state) == (TripState.FAILED, ChargeState.FAILED)
        retry_charge(trip.charge, actor="manager")
        assert collected(trip).state == TripState.PAID

    @pytest.mark.parametrize("flow", [PaymentFlow.CHECKOUT_SERVICE, PaymentFlow.OWN_PROCESSOR])
    def test_in_the_other_flows_it_starts_from_the_beginning(self, sandbox: SandboxProcess, flow: str) -> None:
        trip = unknown_charge(sandbox, was_taken=False)
        Charge.objects.update(flow=flow)

        resolve_charge(trip.charge, was_taken=False, actor="manager", note=NOTE)

        charge = Charge.objects.get()
        assert (charge.state, charge.rounds) == (ChargeState.PENDING, 2)
        assert charge.next_attempt_at is not None

    def test_a_worker_that_comes_back_later_must_drop_what_it_knows(self, sandbox: SandboxProcess) -> None:
        trip = unknown_charge(sandbox, was_taken=True)
        make_due(Charge, trip.charge.pk)
        leased = Charge.lease_due(1)[0]

        resolve_charge(trip.charge, was_taken=True, actor="manager", note=NOTE)

        assert begun(leased) is None
        assert happened(trip).count("capture succeeded") == 1

    def test_a_second_click_changes_nothing(self, sandbox: SandboxProcess) -> None:
        trip = unknown_charge(sandbox, was_taken=True)
        resolve_charge(trip.charge, was_taken=True, actor="manager", note=NOTE)

        with pytest.raises(Conflict, match="is not unknown: it is captured"):
            resolve_charge(trip.charge, was_taken=False, actor="associate", note=NOTE)
        assert fresh(trip).charge.captured == 10

    def test_it_needs_some_tries_first(self, sandbox: SandboxProcess) -> None:
        trip = unknown_charge(sandbox, was_taken=True)
        Charge.objects.update(failed_attempts=TRIES_BEFORE_A_PERSON - 1)

        with pytest.raises(Conflict, match="After 3 tries"):
            resolve_charge(trip.charge, was_taken=True, actor="manager", note=NOTE)

    def test_it_needs_a_reason(self, sandbox: SandboxProcess) -> None:
        trip = unknown_charge(sandbox, was_taken=True)

        with pytest.raises(Invalid, match="how you know"):
            resolve_charge(trip.charge, was_taken=True, actor="manager", note=" ")
        assert fresh(trip).charge.state == ChargeState.UNKNOWN

    def test_the_trip_needs_no_look_any_more(self, sandbox: SandboxProcess) -> None:
        trip = unknown_charge(sandbox, was_taken=True)
        assert trip in needs_a_look()

        resolve_charge(trip.charge, was_taken=True, actor="manager", note=NOTE)

        assert trip not in needs_a_look()


class TestRefunds:
    def test_one_that_was_given_is_done(self, sandbox: SandboxProcess) -> None:
        refund = unknown_refund(sandbox, was_given=True)

        resolve_refund(refund, was_given=True, actor="manager", note=NOTE)

        refund.refresh_from_db()
        trip = fresh(refund.charge.trip)
        event = trip.charge.events.get(kind="refund", phase="succeeded")
        assert (refund.state, refund.next_attempt_at) == (RefundState.DONE, None)
        assert (event.actor, event.detail) == ("manager", NOTE)
        assert balances_of(trip).refundable.plain == "6.00"
        assert_books_agree(sandbox, trip)

    def test_one_that_was_not_given_can_be_refunded_again(self, sandbox: SandboxProcess) -> None:
        refund = unknown_refund(sandbox, was_given=False)

        resolve_refund(refund, was_given=False, actor="manager", note=NOTE)

        refund.refresh_from_db()
        trip = fresh(refund.charge.trip)
        assert (refund.state, refund.last_error) == (RefundState.FAILED, f"manager: {NOTE}")
        assert trip.charge.committed == 0
        assert balances_of(trip).refundable.plain == "10.00"
        sent(queued_refund(trip, "10.00"))
        assert_books_agree(sandbox, trip)

    def test_or_be_sent_again_with_its_id_which_is_safe_even_if_the_word_was_wrong(
        self, sandbox: SandboxProcess
    ) -> None:
        refund = unknown_refund(sandbox, was_given=True)
        resolve_refund(refund, was_given=False, actor="manager", note="I guessed.")

        retry_refund(refund, actor="manager")
        refund = sent(refund)

        assert refund.state == RefundState.DONE
        assert_books_agree(sandbox, refund.charge.trip)

    def test_a_worker_that_comes_back_later_sends_nothing(self, sandbox: SandboxProcess) -> None:
        refund = unknown_refund(sandbox, was_given=False)
        make_due(Refund, refund.pk)
        leased = Refund.lease_due(1)[0]

        resolve_refund(refund, was_given=False, actor="manager", note=NOTE)

        assert go_on(Refunding(), [Leased(leased.pk, leased.lease_count)]) == []
        assert_books_agree(sandbox, fresh(refund.charge.trip))

    def test_a_second_click_changes_nothing(self, sandbox: SandboxProcess) -> None:
        refund = unknown_refund(sandbox, was_given=False)
        resolve_refund(refund, was_given=False, actor="manager", note=NOTE)

        with pytest.raises(Conflict, match="is not unknown: it is failed"):
            resolve_refund(refund, was_given=False, actor="manager", note=NOTE)
        assert Charge.objects.get().committed == 0
