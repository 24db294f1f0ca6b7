"""A trip is adjusted while its money is taken or given back, or by two at once: nothing is lost or given twice."""

import sys
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db.models import Sum

from core.errors import Conflict
from orders.models import Adjustment, Trip
from orders.services.adjusting import Wanted
from payments.models import Charge, ContestedCart, Refund
from payments.services import adjustments
from payments.services.adjustments import adjust_trip, plan_adjustment
from payments.services.contests import Claims, Decision, adjust_contested, open_contest, reject_contest
from payments.states import ChargeState, RefundState
from payments.tasks import collect_due, send_refunds_due
from payments.tests.adjusting import assert_adds_up, wanted
from payments.tests.trips import assert_books_agree, captured_trip, fresh, make_due, staged_trip
from sandbox.testing import SandboxProcess
from tests.races.refund_doors import the_service
from tests.races.simultaneous import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

ROUNDS = 8
# A control gives up after so many trips; it needs a few.
MOST_ROUNDS = 60
FOUR = ("2.50", "4")

Click = Callable[[], bool]


def adjusts(trip: Trip, quantity: str, key: UUID | None = None) -> Click:
    """Somebody has seen what this would do, and confirms it at this moment."""
    what = wanted(trip, (1, quantity))
    shown = plan_adjustment(trip, what, actor="manager").fingerprint
    return confirms(trip, what, shown, key or uuid4())


def confirms(trip: Trip, what: Wanted, shown: str, key: UUID) -> Click:
    def click() -> bool:
        try:
            adjust_trip(trip, what, key=key, reason="not_taken", actor="manager", shown=shown)
        except Conflict:
            return False
        return True

    return click


def decides_to_adjust(contest: ContestedCart, quantity: str) -> Click:
    what = wanted(contest.trip, (1, quantity))
    shown = plan_adjustment(contest.trip, what, actor="manager").fingerprint

    def click() -> bool:
        try:
            adjust_contested(contest, what, key=uuid4(), reason="other", shown=shown, decision=Decision("manager"))
        except Conflict:
            return False
        return True

    return click


def rejects(contest: ContestedCart) -> Click:
    def click() -> bool:
        try:
            reject_contest(contest, decision=Decision("boss", "On video."))
        except Conflict:
            return False
        return True

    return click


def a_worker() -> bool:
    return collect_due() >= 0


def settled(sandbox: SandboxProcess, trip: Trip) -> Trip:
    """Once workers have done what is due, ours and Amazon's books say the same."""
    make_due(Charge, trip.charge.pk)
    collect_due()
    send_refunds_due()
    assert_adds_up(trip)
    assert_books_agree(sandbox, trip)
    return fresh(trip)


def promised(trip: Trip) -> Decimal:
    refunds = Refund.objects.filter(charge__trip=trip).exclude(state=RefundState.FAILED)
    return refunds.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


class TestTheLockHolds:
    def test_while_it_is_collected_it_is_adjusted_before_or_not_at_all(self, sandbox: SandboxProcess) -> None:
        """Whoever comes first: what is taken is what the trip costs."""
        for _ in range(ROUNDS):
            trip = staged_trip(sandbox, FOUR)
            click = adjusts(trip, "3")
            make_due(Charge, trip.charge.pk)

            is_adjusted, *_ = at_once(click, a_worker, a_worker)

            trip = settled(sandbox, trip)
            assert trip.charge.state == ChargeState.CAPTURED
            assert trip.charge.captured == trip.total == (Decimal("7.50") if is_adjusted else 10)

    def test_a_refund_at_the_same_moment_is_seen_or_comes_later(self, sandbox: SandboxProcess) -> None:
        """7.50 too much and a refund of 6.00 are more than was taken: one of them is not as it was shown."""
        for _ in range(ROUNDS):
            trip = captured_trip(sandbox, FOUR)

            is_adjusted, is_refunded = at_once(adjusts(trip, "1"), the_service(trip, uuid4(), "6.00"))

            assert sorted([is_adjusted, is_refunded]) == [False, True]
            assert promised(trip) == (Decimal("7.50") if is_adjusted else 6)
            settled(sandbox, trip)

    def test_of_two_who_adjust_at_once_the_second_is_shown_what_changed(self, sandbox: SandboxProcess) -> None:
        for _ in range(ROUNDS):
            trip = captured_trip(sandbox, FOUR)

            assert sorted(at_once(adjusts(trip, "3"), adjusts(trip, "1"))) == [False, True]

            assert promised(trip) == Decimal(10) - fresh(trip).total
            settled(sandbox, trip)

    def test_a_double_click_adjusts_once(self, sandbox: SandboxProcess) -> None:
        for _ in range(ROUNDS):
            trip, key = captured_trip(sandbox, FOUR), uuid4()
            what = wanted(trip, (1, "3"))
            shown = plan_adjustment(trip, what, actor="manager").fingerprint

            assert at_once(*[confirms(trip, what, shown, key)] * 4) == [True] * 4

            assert Adjustment.objects.filter(trip=trip).count() == 1
            assert promised(trip) == Decimal("2.50")
            settled(sandbox, trip)

    def test_of_two_decisions_about_a_contest_one_stands(self, sandbox: SandboxProcess) -> None:
        for _ in range(ROUNDS):
            trip = captured_trip(sandbox, FOUR)
            contest = open_contest(trip, Claims(), key=uuid4(), message="I took three.", actor="associate")

            is_adjusted, is_rejected = at_once(decides_to_adjust(contest, "3"), rejects(contest))

            assert is_adjusted != is_rejected
            assert promised(trip) == (Decimal("2.50") if is_adjusted else 0)
            settled(sandbox, trip)


def test_without_the_lock_more_is_given_back_than_the_trip_is_too_dear(
    sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: two adjustments that do not see each other both give back what they were shown."""

    def read(trip: Trip) -> tuple[Trip, Charge | None]:
        charge = Charge.objects.select_related("trip__store", "trip__member").get(trip=trip)
        return charge.trip, charge

    monkeypatch.setattr(adjustments, "_locked", read)
    too_much, rounds = Decimal(0), 0
    while not too_much and rounds < MOST_ROUNDS:
        rounds += 1
        trip = captured_trip(sandbox, FOUR)
        at_once(adjusts(trip, "3"), adjusts(trip, "2"))
        too_much = promised(trip) - (Decimal(10) - fresh(trip).total)

    sys.stdout.write(f"round {rounds}: {too_much} too much\n")
    assert too_much > 0
