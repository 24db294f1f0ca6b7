"""Two people say at the same moment what became of a charge or a refund: one is heard."""

import sys
from collections.abc import Callable
from decimal import Decimal

import pytest

from core.errors import Conflict
from orders.models import Trip
from payments.models import Charge, Refund
from payments.services.resolution import resolve_charge, resolve_refund
from payments.services.trips import balances_of
from payments.tests.admin_rows import Kind, Phase, a_charge, a_refund, a_trip, an_event, paid_trip
from payments.tests.trips import fresh, happened
from tests.races.simultaneous import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

ROUNDS = 12
# The control gives up after so many trips; it needs one or two.
MOST_ROUNDS = 60

Word = Callable[[], bool]


def unknown_charge() -> Trip:
    trip = a_trip("collecting", total="6.88")
    charge = a_charge(trip, "unknown", authorized=Decimal("6.88"), failed_attempts=3)
    an_event(charge, Kind.CAPTURE, Phase.REQUESTED, "6.88")
    return trip


def unknown_refund() -> Refund:
    return a_refund(paid_trip(), "2.00", "unknown", failed_attempts=3)


def about_charge(trip: Trip, was_taken: bool) -> Word:
    def say() -> bool:
        try:
            resolve_charge(trip.charge, was_taken=was_taken, actor="manager", note="I have looked.")
        except Conflict:
            return False
        return True

    return say


def about_refund(refund: Refund, was_given: bool) -> Word:
    def say() -> bool:
        try:
            resolve_refund(refund, was_given=was_given, actor="manager", note="I have looked.")
        except Conflict:
            return False
        return True

    return say


def test_of_two_words_about_a_charge_one_is_heard() -> None:
    for _ in range(ROUNDS):
        trip = unknown_charge()

        heard = at_once(about_charge(trip, True), about_charge(trip, False))

        charge = fresh(trip).charge
        assert sorted(heard) == [False, True]
        assert happened(trip)[1:] == (["capture succeeded"] if heard[0] else ["capture disproved"])
        assert (charge.state, charge.captured) == (("captured", trip.total) if heard[0] else ("authorized", 0))


def test_of_two_words_about_a_refund_one_is_heard() -> None:
    for _ in range(ROUNDS):
        refund = unknown_refund()

        heard = at_once(about_refund(refund, True), about_refund(refund, False))

        trip = fresh(refund.charge.trip)
        assert sorted(heard) == [False, True]
        assert Refund.objects.get(pk=refund.pk).state == ("done" if heard[0] else "failed")
        assert trip.charge.committed == balances_of(trip).refunded.amount == (2 if heard[0] else 0)


def test_without_the_lock_both_are_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the money stands as taken and is asked for again."""

    def read(cls: type[Charge], pk: int, *, lease_count: int | None = None) -> Charge:
        return cls.objects.get(pk=pk)

    monkeypatch.setattr(Charge, "locked", classmethod(read))
    heard, rounds = [True, False], 0
    while not all(heard) and rounds < MOST_ROUNDS:
        rounds += 1
        trip = unknown_charge()
        heard = at_once(about_charge(trip, True), about_charge(trip, False))

    sys.stdout.write(f"round {rounds}: {', '.join(happened(trip))}\n")
    assert all(heard)
    assert {"capture succeeded", "capture disproved"} <= {*happened(trip)}
