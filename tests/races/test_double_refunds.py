"""Staff and programs give money back at the same moment (reliability.md, row 9): never twice, never too much."""

import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import Sum

from amazon.models import OutboundCall
from core.errors import Conflict
from orders.models import Trip
from payments.models import Charge, Refund
from payments.services import refunds
from payments.services.refundable import NOT_FAILED
from payments.services.trips import balances_of
from payments.states import RefundState
from payments.tasks import send_refunds_due
from payments.tests.trips import a_store, assert_books_agree, captured_trip, fresh, queued_refund, sent
from sandbox.testing import SandboxProcess
from stores.models import Store
from tests.races.constraints import without_constraint
from tests.races.refund_doors import (
    DOORS,
    Door,
    approve,
    reject,
    send_again,
    send_again_in_the_admin,
    the_admin,
    the_api,
    the_service,
)
from tests.races.simultaneous import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

ROUNDS = 8
PEOPLE = 16
CAPTURED = Decimal("10.00")
PART = Decimal("1.50")
LIMIT = Decimal("5.00")
# A control gives up after so many trips; it needs one or two.
MOST_ROUNDS = 60

through_each_door = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)


def granted(trip: Trip) -> Decimal:
    """What we have promised to give back, whether or not Amazon was asked."""
    promised = Refund.objects.filter(charge__trip=trip, state__in=NOT_FAILED).aggregate(Sum("amount"))["amount__sum"]
    return promised or Decimal(0)


def double_click(trip: Trip, door: Door) -> list[bool]:
    key = uuid4()
    return at_once(*(door(trip, key, "10.00") for _ in range(2)))


def two_forms_for_everything(trip: Trip, door: Door) -> list[bool]:
    return at_once(*(door(trip, uuid4(), "10.00") for _ in range(2)))


def sixteen_ask_for_a_part(trip: Trip, *doors: Door) -> list[bool]:
    """Together for far more than there is, through the doors in turn."""
    return at_once(*(doors[number % len(doors)](trip, uuid4(), str(PART)) for number in range(PEOPLE)))


def a_careful_store() -> Store:
    return a_store("TEST-CAREFUL", refund_approval_above=LIMIT)


def two_small_refunds(trip: Trip) -> list[bool]:
    return at_once(*(the_service(trip, uuid4(), "4.00") for _ in range(2)))


def assert_all_agree(sandbox: SandboxProcess, trip: Trip) -> None:
    """Once the worker has sent what is due: refunds, ledger, the charge's columns and Amazon's books say the same."""
    send_refunds_due()
    assert_books_agree(sandbox, trip)
    trip = fresh(trip)
    assert granted(trip) == trip.charge.committed == balances_of(trip).refunded.amount <= trip.charge.captured
    assert sandbox.trip(trip.amazon_trip_id)["refunds"] == trip.charge.refunds.filter(state=RefundState.DONE).count()


class TestTheLockHolds:
    @through_each_door
    def test_a_double_click_gives_one_refund(self, door: Door, sandbox: SandboxProcess) -> None:
        """The same form twice at once: both clicks succeed, the money goes back once."""
        for _ in range(ROUNDS):
            trip = captured_trip(sandbox)

            assert double_click(trip, door) == [True, True]

            assert trip.charge.refunds.count() == 1
            assert_all_agree(sandbox, trip)
        assert LogEntry.objects.count() == (ROUNDS if door is the_admin else 0)

    @through_each_door
    def test_of_two_forms_for_everything_one_is_refused(self, door: Door, sandbox: SandboxProcess) -> None:
        """Two people at once: one gives the money back, the other is told that it is gone."""
        for _ in range(ROUNDS):
            trip = captured_trip(sandbox)

            assert sorted(two_forms_for_everything(trip, door)) == [False, True]

            assert granted(trip) == CAPTURED
            assert_all_agree(sandbox, trip)

    def test_sixteen_parts_through_all_doors_never_exceed_the_total(self, sandbox: SandboxProcess) -> None:
        """16 × 1.50 of 10.00 at once: six are granted, as one after the other, and ten are refused."""
        for _ in range(ROUNDS // 2):
            trip = captured_trip(sandbox)

            assert sum(sixteen_ask_for_a_part(trip, *DOORS)) == CAPTURED // PART

            assert granted(trip) == PART * (CAPTURED // PART)
            assert_all_agree(sandbox, trip)

    def test_sixteen_who_give_back_the_same_five_bottles_give_back_five(self, sandbox: SandboxProcess) -> None:
        """By line instead of by amount: no piece goes back twice."""
        trip = captured_trip(sandbox, ("2.00", "5"), ("9.00", "1"))
        line = trip.lines.get(sku="AT-2.00")

        def give_back_one() -> bool:
            try:
                queued_refund(trip, quantities={line.pk: Decimal(1)})
            except Conflict:
                return False
            return True

        assert sum(at_once(*[give_back_one] * PEOPLE)) == 5
        assert granted(trip) == 10
        assert_all_agree(sandbox, trip)

    def test_retries_new_refunds_and_workers_at_once_give_back_what_there_is(self, sandbox: SandboxProcess) -> None:
        """A failed refund is sent again by two people while two others ask for its money and two workers send."""
        for _ in range(ROUNDS):
            trip = captured_trip(sandbox)
            sandbox.fault("status", operation="refund", trip=trip.amazon_trip_id, status=400)
            failed = sent(queued_refund(trip, "6.00"))
            assert failed.state == RefundState.FAILED
            queued_refund(trip, "4.00")

            at_once(
                send_again_in_the_admin(failed),
                send_again(failed),
                the_admin(trip, uuid4(), "6.00"),
                the_api(trip, uuid4(), "6.00"),
                *[lambda: send_refunds_due() >= 0] * 2,
            )

            assert granted(trip) == CAPTURED
            assert_all_agree(sandbox, trip)
            answered = OutboundCall.objects.filter(
                operation="refund", status=200, amazon_trip_id=trip.amazon_trip_id
            ).count()
            assert answered == trip.charge.refunds.filter(state=RefundState.DONE).count() == 2

    def test_small_refunds_of_one_person_at_once_are_no_way_around_the_limit(self, sandbox: SandboxProcess) -> None:
        """4.00 twice at once, where one person may give back 5.00: the second one awaits approval."""
        for _ in range(ROUNDS):
            trip = captured_trip(sandbox, store=a_careful_store())

            assert two_small_refunds(trip) == [True, True]

            states = trip.charge.refunds.values_list("state", flat=True)
            assert sorted(states) == [RefundState.PENDING_APPROVAL, RefundState.QUEUED]

    def test_of_a_yes_and_a_no_at_once_one_stands(self, sandbox: SandboxProcess) -> None:
        for _ in range(ROUNDS):
            trip = captured_trip(sandbox, store=a_careful_store())
            refund = queued_refund(trip, "6.00", actor="associate")

            assert sorted(at_once(approve(refund), reject(refund), approve(refund))) == [False, False, True]

            is_approved = Refund.objects.get(pk=refund.pk).state == RefundState.QUEUED
            assert granted(trip) == (6 if is_approved else 0)
            assert_all_agree(sandbox, trip)

    def test_workers_side_by_side_send_each_refund_once(self, sandbox: SandboxProcess, settings: Any) -> None:
        """Eight workers on forty refunds: Amazon hears of each of them once."""
        settings.WORK_BATCH_SIZE = 3
        trips = [captured_trip(sandbox) for _ in range(10)]
        for trip in trips:
            for _ in range(4):
                queued_refund(trip, "2.50")

        # What a worker finds locked, its neighbour has in hand or the next tick takes up.
        assert sum(at_once(*[send_refunds_due] * 8)) + send_refunds_due() == 40

        assert OutboundCall.objects.filter(operation="refund").count() == 40
        for trip in trips:
            assert_all_agree(sandbox, trip)


class TestWithTheLockOff:
    """Negative controls of the tests above: the same races, with what protects from them switched off."""

    @pytest.fixture
    def no_lock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def read(trip: Trip) -> Charge:
            return Charge.objects.select_related("trip__store").get(trip=trip)

        monkeypatch.setattr(refunds, "_locked_charge", read)

    @pytest.fixture
    def look_then_act(self, no_lock: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """No lock, no compare-and-set, no check in the database: what everybody writes first."""

        def save(charge: Charge, amount: Decimal) -> None:
            charge.committed += amount
            charge.save(update_fields=["committed"])

        monkeypatch.setattr(refunds, "move_committed", save)
        with without_constraint(Charge, "charge_never_over_refunded"):
            yield

    @pytest.fixture
    def nor_a_unique_key(self, look_then_act: None) -> Iterator[None]:
        with without_constraint(Refund, "one_refund_per_request_id"):
            yield

    def until_too_much(self, sandbox: SandboxProcess, race: Callable[[Trip], list[bool]]) -> None:
        promised, rounds = Decimal(0), 0
        while promised <= CAPTURED and rounds < MOST_ROUNDS:
            rounds += 1
            trip = captured_trip(sandbox)
            race(trip)
            promised = granted(trip)

        sys.stdout.write(f"round {rounds}: {promised} promised of {CAPTURED} captured\n")
        assert promised > CAPTURED

    @through_each_door
    def test_two_forms_give_everything_back_twice(
        self, door: Door, sandbox: SandboxProcess, look_then_act: None
    ) -> None:
        """Each door really is open to this race."""
        self.until_too_much(sandbox, lambda trip: two_forms_for_everything(trip, door))

    def test_two_small_refunds_exceed_what_one_person_may_give_back(
        self, sandbox: SandboxProcess, look_then_act: None
    ) -> None:
        unapproved, rounds = Decimal(0), 0
        while unapproved <= LIMIT and rounds < MOST_ROUNDS:
            rounds += 1
            trip = captured_trip(sandbox, store=a_careful_store())
            two_small_refunds(trip)
            queued = trip.charge.refunds.filter(state=RefundState.QUEUED)
            unapproved = queued.aggregate(Sum("amount"))["amount__sum"] or Decimal(0)

        sys.stdout.write(f"round {rounds}: {unapproved} without approval, {LIMIT} allowed\n")
        assert unapproved > LIMIT

    def test_sixteen_parts_exceed_the_total(self, sandbox: SandboxProcess, look_then_act: None) -> None:
        self.until_too_much(sandbox, lambda trip: sixteen_ask_for_a_part(trip, *DOORS))

    def test_a_double_click_gives_two_refunds(self, sandbox: SandboxProcess, nor_a_unique_key: None) -> None:
        """Against this one the key stands by itself, so the key goes as well."""
        rows = rounds = 0
        while rows <= 1 and rounds < MOST_ROUNDS:
            rounds += 1
            trip = captured_trip(sandbox, ("20.00", "1"))
            double_click(trip, the_service)
            rows = trip.charge.refunds.count()

        sys.stdout.write(f"round {rounds}: {rows} refunds with one key\n")
        assert rows > 1

    def test_compare_and_set_alone_still_gives_nothing_twice(self, sandbox: SandboxProcess, no_lock: None) -> None:
        """The second line of defence, by itself: more are refused than need be, but none is granted in excess."""
        for _ in range(ROUNDS // 2):
            trip = captured_trip(sandbox)

            assert sum(sixteen_ask_for_a_part(trip, the_service)) >= 1

            assert granted(trip) <= CAPTURED
            assert_all_agree(sandbox, trip)
