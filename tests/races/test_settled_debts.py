"""A debt is settled by several people at the same moment: never twice, never by more than is owed."""

import sys
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from core.errors import Conflict
from orders.models import Trip
from payments.models import Charge, Debt, DebtSettlement
from payments.services import debts
from payments.services.collection import retry_charge
from payments.services.debts import settle
from payments.services.trips import balances_of
from payments.states import DebtState
from payments.tests.trips import TEN, assert_books_agree, collected, fresh, priced_trip
from sandbox.testing import SandboxProcess
from staff.models import User
from tests.races.simultaneous import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

ROUNDS = 8
PEOPLE = 8
OWED = Decimal("10.00")
# A control gives up after so many debts; it needs one or two.
MOST_ROUNDS = 60

Click = Callable[[], bool]
Door = Callable[[Trip, UUID, str], Click]


def the_admin(trip: Trip, key: UUID, amount: str) -> Click:
    """The confirmed form, which comes back if it is refused; whether it settled anything is to be seen in the rows."""
    clerk, _ = User.objects.get_or_create(username="clerk", defaults={"is_staff": True, "is_superuser": True})
    client = Client()
    client.force_login(clerk)
    address = reverse("admin:payments_debt_settle", args=[trip.charge.debt.pk])
    form = {"key": str(key), "is_confirmed": "True", "amount": amount, "means": "cash"}

    def send() -> bool:
        has_settled = client.post(address, form).status_code == 302
        assert DebtSettlement.objects.filter(key=key).exists() == has_settled
        return has_settled

    return send


def the_service(trip: Trip, key: UUID, amount: str) -> Click:
    def call() -> bool:
        try:
            settle(trip.charge.debt, key=key, amount=Decimal(amount), means="terminal", actor="program")
        except Conflict:
            return False
        return True

    return call


through_each_door = pytest.mark.parametrize("door", [the_admin, the_service], ids=lambda door: door.__name__)


def debtor(*, magic: str = "declined-payment") -> Trip:
    return collected(priced_trip(TEN, trip_id=f"{magic}-trip-uuid-{uuid4()}"))


def settled(trip: Trip) -> Decimal:
    rows = DebtSettlement.objects.filter(debt__charge__trip=trip)
    return rows.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def assert_all_agree(trip: Trip) -> None:
    trip, debt = fresh(trip), Debt.objects.get(charge__trip=trip)
    assert trip.charge.captured + settled(trip) == OWED - debt.owed <= OWED
    assert trip.charge.settled == settled(trip)
    assert balances_of(trip).outstanding.amount == debt.owed


class TestTheLockHolds:
    @through_each_door
    def test_a_double_click_settles_once(self, door: Door, sandbox: SandboxProcess) -> None:
        for _ in range(ROUNDS):
            trip, key = debtor(), uuid4()

            assert at_once(*(door(trip, key, "6.00") for _ in range(2))) == [True, True]

            assert settled(trip) == 6
            assert_all_agree(trip)

    @through_each_door
    def test_of_two_who_take_more_than_half_one_is_refused(self, door: Door, sandbox: SandboxProcess) -> None:
        for _ in range(ROUNDS):
            trip = debtor()

            assert sorted(at_once(*(door(trip, uuid4(), "6.00") for _ in range(2)))) == [False, True]

            assert settled(trip) == 6
            assert_all_agree(trip)

    def test_many_parts_through_both_doors_never_exceed_the_debt(self, sandbox: SandboxProcess) -> None:
        """8 × 1.50 of 10.00 at once: six are taken, as one after the other, and two are refused."""
        doors = [the_admin, the_service] * (PEOPLE // 2)
        for _ in range(ROUNDS // 2):
            trip = debtor()

            assert sum(at_once(*(door(trip, uuid4(), "1.50") for door in doors))) == 6

            assert_all_agree(trip)

    def test_it_is_paid_in_the_store_or_the_card_is_asked_but_not_both(self, sandbox: SandboxProcess) -> None:
        for _ in range(ROUNDS):
            trip = debtor(magic="declined-once")

            def ask_the_card(charge: Charge = trip.charge) -> bool:
                try:
                    retry_charge(charge, actor="manager")
                except Conflict:
                    return False
                return True

            assert sorted(at_once(the_service(trip, uuid4(), "10.00"), ask_the_card)) == [False, True]

            collected(trip)
            assert Debt.objects.get(charge__trip=trip).state == DebtState.SETTLED
            assert_all_agree(trip)
            assert_books_agree(sandbox, trip)


@through_each_door
def test_without_the_lock_more_is_taken_than_was_owed(
    door: Door, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: each door really is open to this race."""

    def read(debt: Debt) -> tuple[Charge, Debt]:
        return Charge.objects.get(pk=debt.charge_id), Debt.objects.get(pk=debt.pk)

    monkeypatch.setattr(debts, "_locked", read)
    taken, rounds = Decimal(0), 0
    while taken <= OWED and rounds < MOST_ROUNDS:
        rounds += 1
        trip = debtor()
        at_once(*(door(trip, uuid4(), "6.00") for _ in range(2)))
        taken = settled(trip)

    sys.stdout.write(f"round {rounds}: {taken} taken of {OWED} owed\n")
    assert taken > OWED
