"""Staff adjust a trip: the lines, what is asked for, owed and given back, what Amazon is told. Against a sandbox."""

from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Conflict, Invalid
from loyalty.models import Member, PointsEntry
from orders.adjusting import Change
from orders.models import Adjustment, Cart, Line, Trip, TripEvent
from orders.services.adjusting import Wanted
from orders.services.pricing import price_trip
from orders.states import Entry, TripState
from payments.models import Charge, Debt, FeedbackReport, Refund
from payments.services.adjustments import adjust_trip, plan_adjustment
from payments.services.collection import retry_charge
from payments.services.debts import settle, write_off
from payments.services.refund_approval import approve_refund, reject_refund
from payments.services.trips import balances_of
from payments.states import ChargeState, DebtState, RefundState
from payments.tests.adjusting import adjust, assert_adds_up, wanted
from payments.tests.trips import (
    TEN,
    a_store,
    assert_books_agree,
    begun,
    captured_trip,
    collected,
    fresh,
    happened,
    make_due,
    priced_trip,
    queued_refund,
    received_trip,
    sent,
    stage,
    staged_trip,
)
from sandbox.testing import SandboxProcess
from stores.models import PaymentFlow, Product

pytestmark = pytest.mark.django_db

TWO_SANDWICHES, WATER = ("6.25", "2"), ("1.50", "1")


@pytest.fixture
def member() -> Member:
    return Member.objects.create(external_id="ann")


def debt_of(trip: Trip) -> Debt:
    return Debt.objects.get(charge__trip=trip)


def declined(*items: tuple[str, str], magic: str = "declined-payment") -> Trip:
    return collected(priced_trip(*(items or (TEN,)), trip_id=f"{magic}-trip-uuid-{uuid4()}"))


def reported(trip: Trip) -> list[tuple[str, str]]:
    """What Amazon is told, in order: total and settled."""
    reports = FeedbackReport.objects.filter(charge__trip=trip).order_by("number")
    return [(f"{report.total:.2f}", f"{report.settled:.2f}") for report in reports]


class TestTheLines:
    def test_a_quantity_is_changed_and_what_it_was_is_kept(self, sandbox: SandboxProcess) -> None:
        trip = priced_trip(TWO_SANDWICHES, WATER, tax_rate="10")

        adjustment = adjust(trip, (1, "1"), note="One sandwich only.")

        line = trip.lines.get(position=1)
        change = line.changes.get()
        assert (line.quantity, line.total, line.tax) == (1, Decimal("6.88"), Decimal("0.63"))
        assert (change.quantity_before, change.unit_price_before, change.total_before) == (
            2,
            Decimal("6.25"),
            Decimal("13.75"),
        )
        assert (adjustment.total_before, adjustment.total_after) == (Decimal("15.40"), Decimal("8.53"))
        assert fresh(trip).total == Decimal("8.53")
        assert_adds_up(trip)

    def test_what_nobody_changed_is_no_part_of_it(self, sandbox: SandboxProcess) -> None:
        trip = priced_trip(TWO_SANDWICHES, WATER)
        Product.objects.update(price=99)

        adjustment = adjust(trip, (1, "1"), (2, "1"))

        assert [change.line.position for change in adjustment.lines.all()] == [1]
        assert trip.lines.get(position=2).total == Decimal("1.50")

    def test_a_line_is_removed_and_another_product_added(self, sandbox: SandboxProcess) -> None:
        trip = priced_trip(TWO_SANDWICHES, WATER)

        adjust(trip, (1, "0"), add=("3.10", "2"), reason="wrong_item")

        lines = {line.sku: (line.quantity, line.total) for line in trip.lines.all()}
        assert lines == {"AT-6.25": (0, 0), "AT-1.50": (1, Decimal("1.50")), "AT-3.10": (2, Decimal("6.20"))}
        assert fresh(trip).total == Decimal("7.70")
        assert_adds_up(trip)

    def test_the_price_is_changed_for_this_trip_alone(self, sandbox: SandboxProcess) -> None:
        trip = priced_trip(TWO_SANDWICHES)

        adjust(trip, (1, "2", "5.00"), reason="wrong_price")

        assert fresh(trip).total == 10
        assert Product.objects.get().price == Decimal("6.25")

    def test_amazons_cart_stays_as_it_came(self, sandbox: SandboxProcess) -> None:
        trip = priced_trip(TWO_SANDWICHES)
        body = bytes(Cart.objects.get(trip=trip).body)

        adjust(trip, (1, "1"))

        assert bytes(Cart.objects.get(trip=trip).body) == body
        assert fresh(trip).item_count == 1
        assert fresh(trip).purchase_id == trip.purchase_id

    def test_the_timeline_says_who_changed_what_and_why(self, sandbox: SandboxProcess) -> None:
        trip = priced_trip(TWO_SANDWICHES)

        adjust(trip, (1, "1", "6.00"), note="Seen on the shelf.", reason="wrong_price")

        event = TripEvent.objects.get(trip=trip, kind="adjusted")
        assert (event.actor, event.amount) == ("manager", 6)
        assert event.detail == "Thing at 6.25: 2 → 1, $6.25 → $6.00 – wrong price – Seen on the shelf."

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ([(1, "2")], "Nothing is changed"),
            ([(1, "-1")], "negative"),
            ([(1, "0.5")], "whole pieces"),
            ([(1, "2", "0.001")], "2 decimals"),
            ([(1, "9999999", "9999999")], "too large"),
        ],
    )
    def test_what_makes_no_sense_changes_nothing(self, sandbox: SandboxProcess, changes: list[Any], error: str) -> None:
        trip = priced_trip(TWO_SANDWICHES)

        with pytest.raises(Invalid, match=error):
            adjust(trip, *changes)

        assert not Adjustment.objects.exists()

    def test_a_product_of_another_store_is_refused(self, sandbox: SandboxProcess) -> None:
        trip, other = priced_trip(TWO_SANDWICHES), priced_trip(WATER, store=a_store("TEST-OTHER"))

        with pytest.raises(Invalid, match="is not sold in TEST-CARD"):
            plan_adjustment(trip, wanted(other, add=("9.00", "1")), actor="manager")

    def test_a_line_of_another_trip_is_refused(self, sandbox: SandboxProcess) -> None:
        trip, other = priced_trip(TWO_SANDWICHES), priced_trip(WATER)

        with pytest.raises(Invalid, match="not part of the trip"):
            plan_adjustment(trip, wanted(other, (1, "3")), actor="manager")

    def test_a_reason_that_is_none(self, sandbox: SandboxProcess) -> None:
        with pytest.raises(Invalid, match="is none of"):
            adjust(priced_trip(TWO_SANDWICHES), (1, "1"), reason="bored")


class TestBeforeTheMoneyIsTaken:
    def test_the_new_total_is_taken_instead(self, sandbox: SandboxProcess) -> None:
        trip = staged_trip(sandbox, TWO_SANDWICHES, WATER)

        adjust(trip, (1, "1"))
        trip = collected(trip)

        assert trip.state == TripState.PAID
        assert balances_of(trip).captured.plain == "7.75"
        assert_books_agree(sandbox, trip)
        assert_adds_up(trip)
        assert reported(trip) == [("7.75", "7.75")]

    def test_it_may_be_more(self, sandbox: SandboxProcess) -> None:
        trip = staged_trip(sandbox, WATER)

        adjust(trip, (1, "3"), add=("3.10", "1"), reason="missed")
        trip = collected(trip)

        assert sandbox.trip(trip.amazon_trip_id)["captured"] == "7.60"
        assert_adds_up(trip)

    def test_a_total_of_zero_releases_the_hold(self, sandbox: SandboxProcess) -> None:
        trip = staged_trip(sandbox, TWO_SANDWICHES)

        adjust(trip, (1, "0"))
        trip = collected(trip)

        assert (trip.state, trip.charge.state) == (TripState.NO_CHARGE, ChargeState.CANCELLED)
        assert sandbox.trip(trip.amazon_trip_id)["cancelled"] is True
        assert reported(trip) == [("0.00", "0.00")]

    def test_one_that_waits_for_amazons_decision_is_asked_for_anew_at_once(self, sandbox: SandboxProcess) -> None:
        trip = collected(priced_trip(TEN, trip_id=f"pending-processing-trip-uuid-{uuid4()}"))
        assert trip.charge.state == ChargeState.ADJUSTING

        adjust(trip, (1, "1", "8.00"))

        assert fresh(trip).charge.state == ChargeState.PENDING
        for _ in range(3):
            trip = collected(trip)
        assert balances_of(trip).captured.plain == balances_of(trip).authorized.plain == "8.00"
        assert_books_agree(sandbox, trip)

    def test_an_authorization_that_stands_is_moved_to_the_new_total(self, sandbox: SandboxProcess) -> None:
        trip = staged_trip(sandbox, TEN)
        sandbox.fault("status", operation="capture", trip=trip.amazon_trip_id, status=429, retry_after="60")
        trip = collected(trip)
        assert trip.charge.state == ChargeState.AUTHORIZED

        adjust(trip, (1, "1", "12.00"))
        trip = collected(trip)

        assert balances_of(trip).captured.plain == "12.00"
        assert happened(trip).count("adjust succeeded") == 2
        assert_books_agree(sandbox, trip)

    def test_a_refused_one_waits_for_staff_to_ask_again(self, sandbox: SandboxProcess) -> None:
        trip = staged_trip(sandbox, TEN)
        sandbox.fault("status", operation="adjust", trip=trip.amazon_trip_id, status=400)
        trip = collected(trip)
        assert trip.state == TripState.FAILED

        adjust(trip, (1, "1", "8.00"))
        assert fresh(trip).charge.next_attempt_at is None
        retry_charge(fresh(trip).charge, actor="manager")

        assert balances_of(collected(trip)).captured.plain == "8.00"

    def test_a_refused_one_of_which_nothing_is_left_is_released(self, sandbox: SandboxProcess) -> None:
        trip = staged_trip(sandbox, TEN)
        sandbox.fault("status", operation="adjust", trip=trip.amazon_trip_id, status=400)
        trip = collected(trip)

        adjust(trip, (1, "0"))

        assert collected(trip).state == TripState.NO_CHARGE

    def test_while_amazon_is_being_asked_nothing_is_changed(self, sandbox: SandboxProcess) -> None:
        trip = staged_trip(sandbox, TEN)
        make_due(Charge, trip.charge.pk)
        (leased,) = Charge.lease_due(1)
        call = begun(leased)

        with pytest.raises(Conflict, match=r"Amazon is being asked .* after \d\d:\d\d:\d\d at the latest"):
            adjust(trip, (1, "1", "8.00"))

        assert call is not None
        answer: Future[Any] = Future()
        answer.set_result(call())
        begun(leased, answer)
        with pytest.raises(Conflict, match="it is not known yet whether it was"):
            adjust(trip, (1, "1", "8.00"))

    def test_a_call_whose_worker_died_long_ago_stands_in_nobodys_way(self, sandbox: SandboxProcess) -> None:
        trip = staged_trip(sandbox, TEN)
        make_due(Charge, trip.charge.pk)
        (leased,) = Charge.lease_due(1)
        begun(leased)
        Charge.objects.update(next_attempt_at=Now() - timedelta(seconds=1))

        adjust(trip, (1, "1", "8.00"))

        assert balances_of(collected(trip)).captured.plain == "8.00"

    def test_while_it_is_unknown_whether_it_was_taken_nothing_is_changed(self, sandbox: SandboxProcess) -> None:
        trip = staged_trip(sandbox, TEN)
        sandbox.fault("lose_request", operation="capture", trip=trip.amazon_trip_id)
        trip = collected(trip)
        assert trip.charge.state == ChargeState.UNKNOWN

        with pytest.raises(Conflict, match="not known yet whether it was"):
            adjust(trip, (1, "1", "8.00"))

    def test_once_the_hold_is_released_nothing_can_be_added(self, sandbox: SandboxProcess) -> None:
        trip = collected(staged_trip(sandbox, ("0.00", "1")))

        with pytest.raises(Conflict, match="the hold is released"):
            adjust(trip, add=("1.50", "1"), reason="missed")

    def test_a_cart_that_is_not_priced_yet(self, sandbox: SandboxProcess) -> None:
        with pytest.raises(Conflict, match="is being priced"):
            adjust(received_trip(TEN), add=("1.50", "1"))

    def test_the_checkout_service_gets_the_adjusted_cart(self, sandbox: SandboxProcess) -> None:
        store = a_store("TEST-CHECKOUT", card_flow=PaymentFlow.CHECKOUT_SERVICE)
        trip = staged_trip(sandbox, TWO_SANDWICHES, WATER, store=store)

        adjust(trip, (1, "1"))
        trip = collected(trip)

        assert balances_of(trip).captured.plain == "7.75"
        with pytest.raises(Conflict, match="merchant portal"):
            adjust(trip, (2, "0"))

    def test_an_own_processor_takes_the_new_total(self, sandbox: SandboxProcess, member: Member) -> None:
        trip = priced_trip(TWO_SANDWICHES, entry=Entry.APP, shopper=member.external_id)

        adjust(trip, (1, "1"))
        trip = collected(trip)

        assert (trip.state, trip.charge.captured) == (TripState.PAID, Decimal("6.25"))
        assert_adds_up(trip)


class TestInReview:
    def in_review(self) -> Trip:
        trip = received_trip(TWO_SANDWICHES, WATER)
        Product.objects.filter(sku="AT-1.50").delete()
        price_trip(trip.pk)
        trip = Trip.objects.get(pk=trip.pk)
        assert trip.state == TripState.REVIEW
        return trip

    def test_a_price_by_hand_prices_the_trip(self, sandbox: SandboxProcess) -> None:
        trip = self.in_review()
        line = trip.lines.get(position=2)
        what = Wanted({line.pk: Change(Decimal(1), Decimal("1.20"), Decimal(0))})
        plan = plan_adjustment(trip, what, actor="manager")
        assert (plan.way, plan.lines.before) == ("price", None)
        adjust_trip(trip, what, key=uuid4(), reason="other", actor="manager", shown=plan.fingerprint)

        trip = fresh(trip)
        assert (trip.state, trip.total, trip.charge.amount) == (TripState.PRICED, Decimal("13.70"), Decimal("13.70"))
        assert not trip.lines.exclude(problem="").exists()
        assert Adjustment.objects.get().total_before is None
        assert_adds_up(trip)

    def test_what_nobody_knows_may_be_removed(self, sandbox: SandboxProcess) -> None:
        trip = self.in_review()

        adjust(trip, (2, "0"))

        assert (fresh(trip).state, fresh(trip).total) == (TripState.PRICED, Decimal("12.50"))

    def test_an_item_that_stays_without_a_price_keeps_it_in_review(self, sandbox: SandboxProcess) -> None:
        trip = self.in_review()

        with pytest.raises(Invalid, match="no price yet"):
            adjust(trip, (1, "1"))

        assert Trip.objects.get(pk=trip.pk).state == TripState.REVIEW
        assert trip.lines.get(position=1).quantity == 2


class TestAfterTheMoneyWasTaken:
    def test_a_lower_total_becomes_a_refund_of_the_difference(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, TWO_SANDWICHES, WATER)

        adjustment = adjust(trip, (1, "1"))

        refund = Refund.objects.get()
        assert (refund.amount, refund.state, refund.reason) == (Decimal("6.25"), "queued", "JWO_TECH_ERROR")
        assert refund.refund_request_id == adjustment.key
        assert sent(refund).state == RefundState.DONE
        assert fresh(trip).state == TripState.PAID
        assert_books_agree(sandbox, trip)
        assert_adds_up(trip)

    def test_amazon_is_told_the_new_total(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, TWO_SANDWICHES, WATER)

        adjust(trip, (1, "1"))

        assert reported(trip) == [("14.00", "14.00"), ("7.75", "7.75")]

    def test_a_higher_total_is_refused_with_the_reason(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, TWO_SANDWICHES)

        with pytest.raises(Conflict, match=r"cannot cost more than \$12\.50 now; with this it would cost \$18\.75"):
            adjust(trip, (1, "3"), reason="missed")

        assert fresh(trip).total == Decimal("12.50")

    def test_what_was_taken_off_may_not_come_back(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, TWO_SANDWICHES)
        adjust(trip, (1, "1"))

        with pytest.raises(Conflict, match=r"more than \$6\.25"):
            adjust(trip, (1, "2"))

    def test_one_item_for_another_of_the_same_price_moves_no_money(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, WATER)

        adjust(trip, (1, "0"), add=("1.50", "1"), reason="wrong_item")

        assert not Refund.objects.exists()
        assert len(reported(trip)) == 1
        assert_adds_up(trip)

    def test_a_refund_of_items_gives_back_what_the_adjusted_line_costs(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, TWO_SANDWICHES)
        adjust(trip, (1, "2", "5.00"), reason="wrong_price")

        line = trip.lines.get()
        refund = queued_refund(trip, quantities={line.pk: Decimal(1)})

        assert refund.amount == 5
        with pytest.raises(Conflict, match="1 can still be refunded"):
            queued_refund(trip, quantities={line.pk: Decimal(2)})
        assert_adds_up(trip)

    def test_what_was_refunded_of_a_line_stays_part_of_it(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, TWO_SANDWICHES)
        queued_refund(trip, quantities={trip.lines.get().pk: Decimal(1)})

        for change in [(1, "0"), (1, "2", "3.00")]:
            with pytest.raises(Conflict, match=r"1 of it, worth \$6\.25, is refunded"):
                adjust(trip, change)

        adjust(trip, (1, "1"))
        assert fresh(trip).charge.committed == Decimal("12.50")
        assert_adds_up(trip)

    def test_the_parts_of_an_adjusted_line_never_give_back_more_than_it_costs(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, ("6.25", "3"))
        line = trip.lines.get()
        queued_refund(trip, quantities={line.pk: Decimal(1)})
        adjust(trip, (1, "2", "4.00"))

        refund = queued_refund(trip, quantities={line.pk: Decimal(1)})

        assert refund.amount == Decimal("1.75")
        assert_adds_up(trip)

    def test_what_a_goodwill_refund_gave_back_is_not_given_twice(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox)
        queued_refund(trip, "8.00")

        adjust(trip, (1, "1", "5.00"))

        assert fresh(trip).charge.committed == 10
        adjust(trip, (1, "1", "4.00"))
        assert Refund.objects.count() == 2
        assert_adds_up(trip)

    def test_after_the_window_it_is_refused(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox)
        Charge.objects.update(captured_at=Now() - timedelta(days=8))

        with pytest.raises(Conflict, match="window of 7 days"):
            adjust(trip, (1, "0"))

    def test_above_the_limit_its_refund_awaits_a_second_person(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, store=a_store("TEST-CAREFUL", refund_approval_above=Decimal(5)))
        assert plan_adjustment(trip, wanted(trip, (1, "1", "4.00")), actor="manager").needs_approval

        adjust(trip, (1, "1", "4.00"))

        refund = Refund.objects.get()
        assert (refund.state, fresh(trip).total) == (RefundState.PENDING_APPROVAL, 4)
        approve_refund(refund, actor="boss")
        assert sent(Refund.objects.get()).state == RefundState.DONE
        assert_books_agree(sandbox, trip)

    def test_when_its_refund_is_not_approved_the_amount_can_be_refunded_again(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, store=a_store("TEST-CAREFUL", refund_approval_above=Decimal(5)))
        adjust(trip, (1, "1", "4.00"))

        reject_refund(Refund.objects.get(), actor="boss", note="Look again.")

        assert balances_of(fresh(trip)).refundable.plain == "10.00"

    def test_points_follow_the_money(self, sandbox: SandboxProcess, member: Member) -> None:
        store = a_store("TEST-POINTS", points_per_unit=Decimal(1))
        trip = captured_trip(sandbox, TWO_SANDWICHES, store=store, shopper=member.external_id)

        adjust(trip, (1, "1"))
        sent(Refund.objects.get())

        assert sum(PointsEntry.objects.values_list("points", flat=True)) == 6


class TestWithADebt:
    def test_first_less_is_owed(self, sandbox: SandboxProcess) -> None:
        trip = declined(TWO_SANDWICHES)

        adjust(trip, (1, "1"))

        debt = debt_of(trip)
        assert (debt.owed, debt.lowered, debt.state) == (Decimal("6.25"), Decimal("6.25"), DebtState.OPEN)
        assert fresh(trip).state == TripState.UNPAID
        assert happened(trip)[-1] == "debt lowered"
        assert reported(trip)[-1] == ("6.25", "0.00")
        assert_adds_up(trip)

    def test_then_what_the_card_paid_too_much_goes_back(self, sandbox: SandboxProcess) -> None:
        trip = declined(("10.01", "1"), magic="partly-authorized")
        taken = trip.charge.captured
        assert 0 < taken < 10

        adjust(trip, (1, "1", "3.00"))

        assert (fresh(trip).state, debt_of(trip).state) == (TripState.PAID, DebtState.SETTLED)
        assert Refund.objects.get().amount == taken - 3
        assert reported(trip)[-1] == ("3.00", "3.00")
        assert_adds_up(trip)

    def test_when_nothing_is_left_the_hold_is_released(self, sandbox: SandboxProcess) -> None:
        trip = declined(TEN)

        adjust(trip, (1, "0"))
        trip = collected(trip)

        assert (trip.state, trip.charge.state) == (TripState.NO_CHARGE, ChargeState.CANCELLED)
        assert debt_of(trip).state == DebtState.SETTLED
        assert_adds_up(trip)

    def test_an_expired_trip_that_comes_to_cost_nothing(self, sandbox: SandboxProcess) -> None:
        trip = declined(TEN, magic="expired-shopping")
        assert trip.state == TripState.EXPIRED

        adjust(trip, (1, "0"))

        assert fresh(trip).state == TripState.NO_CHARGE

    def test_a_higher_total_is_refused(self, sandbox: SandboxProcess) -> None:
        with pytest.raises(Conflict, match="cannot cost more"):
            adjust(declined(TEN), (1, "2"))

    def test_what_was_paid_in_the_store_is_given_back_there(self, sandbox: SandboxProcess) -> None:
        trip = declined(TEN)
        settle(debt_of(trip), key=uuid4(), amount=Decimal(6), means="cash", actor="clerk")

        with pytest.raises(Conflict, match=r"\$6\.00 of it was paid in the store"):
            adjust(trip, (1, "1", "5.00"))
        adjust(trip, (1, "1", "6.00"))

        assert (fresh(trip).state, debt_of(trip).state) == (TripState.PAID, DebtState.SETTLED)
        assert_adds_up(trip)

    def test_one_that_is_written_off(self, sandbox: SandboxProcess) -> None:
        trip = declined(TEN)
        write_off(debt_of(trip), actor="boss", note="No answer.")

        adjust(trip, (1, "1", "4.00"))
        assert (debt_of(trip).owed, debt_of(trip).state) == (4, DebtState.WRITTEN_OFF)

        assert_adds_up(trip)

    def test_while_the_card_is_asked_for_it_nothing_is_changed(self, sandbox: SandboxProcess) -> None:
        trip = declined(TEN)
        retry_charge(trip.charge, actor="manager")

        with pytest.raises(Conflict, match="being asked for the debt"):
            adjust(trip, (1, "1", "5.00"))


class TestOnceAndAsShown:
    def test_the_same_form_twice_adjusts_once(self, sandbox: SandboxProcess) -> None:
        trip, key = captured_trip(sandbox), uuid4()
        what = wanted(trip, (1, "1", "8.00"))
        shown = plan_adjustment(trip, what, actor="manager").fingerprint

        twice = [adjust_trip(trip, what, key=key, reason="other", actor="manager", shown=shown) for _ in range(2)]

        assert twice[0] == twice[1]
        assert Adjustment.objects.count() == Refund.objects.count() == 1

    def test_a_used_key_with_another_content_is_refused(self, sandbox: SandboxProcess) -> None:
        trip, key = captured_trip(sandbox), uuid4()
        adjust(trip, (1, "1", "8.00"), key=key)

        with pytest.raises(Conflict, match="as another adjustment") as refused:
            adjust(trip, (1, "0"), key=key)
        assert refused.value.field == "key"

        with pytest.raises(Conflict, match="as another adjustment"):
            adjust(captured_trip(sandbox), (1, "1", "8.00"), key=key)

    def test_what_was_shown_no_longer_holds(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, TWO_SANDWICHES)
        what = wanted(trip, (1, "1"))
        shown = plan_adjustment(trip, what, actor="manager").fingerprint
        queued_refund(trip, "10.00")

        with pytest.raises(Conflict, match="has changed since you opened this"):
            adjust_trip(trip, what, key=uuid4(), reason="other", actor="manager", shown=shown)

        assert not Adjustment.objects.exists()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    magic=st.sampled_from(["", "", "declined-payment-trip-uuid-", "partly-authorized-trip-uuid-"]),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["adjust", "adjust", "refund", "refund items", "pay", "waive", "fail"]),
            st.integers(0, 1400),
        ),
        max_size=7,
    ),
)
def test_whatever_is_done_in_whichever_order_it_adds_up(
    sandbox: SandboxProcess, magic: str, steps: list[tuple[str, int]]
) -> None:
    trip = priced_trip(("10.01", "1"), ("1.50", "2"), trip_id=f"{magic}{uuid4()}")
    if not magic:
        stage(sandbox, trip)
    trip = collected(trip)
    for step, number in steps:
        with suppress(Conflict, Invalid):
            do(step, trip, number)
        assert_adds_up(trip)
    for refund in Refund.objects.filter(charge__trip=trip, state=RefundState.QUEUED):
        sent(refund)
    assert_adds_up(trip)
    assert_books_agree(sandbox, trip)


def do(step: str, trip: Trip, number: int) -> None:
    amount = Decimal(number) / 100
    match step:
        case "adjust":
            line = 1 + number % 2
            adjust(trip, (line, str(number % 3), f"{amount / 3:.2f}"))
        case "refund":
            queued_refund(trip, f"{amount:.2f}")
        case "refund items":
            lines = list(Line.objects.filter(trip=trip))
            queued_refund(trip, quantities={lines[number % len(lines)].pk: Decimal(1)})
        case "fail":
            if refund := Refund.objects.filter(charge__trip=trip, state=RefundState.QUEUED).first():
                refund.start_sending()
                refund.save()
                refund.put_off()
                refund.save()
        case _:
            means = "cash" if step == "pay" else "waived"
            debt = Debt.objects.filter(charge__trip=trip).first()
            if debt is not None:
                settle(debt, key=uuid4(), amount=amount, means=means, actor="clerk", note="as agreed")
