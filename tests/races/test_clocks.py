"""Clocks that are wrong, and days that are none of 24 hours (reliability.md, row 7)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from amazon.outbound import transport
from core.errors import Conflict
from orders.models import Trip
from orders.states import TripState
from payments.models import Charge
from payments.services import refundable
from payments.tasks import collect_due
from payments.tests.trips import (
    TEN,
    a_store,
    assert_books_agree,
    captured_trip,
    fresh,
    queued_refund,
    received_trip,
    staged_trip,
)
from sandbox.testing import SandboxProcess
from tests.races.compressed_time import work_off
from tests.races.mortal import Mortal

PRICE = "orders.tasks.price_due"
AHEAD, BEHIND = timedelta(minutes=20), timedelta(minutes=-20)
LEASE_SECONDS = 300

either_way = pytest.mark.parametrize("clock_is_off", [AHEAD, BEHIND], ids=["ahead", "behind"])


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
class TestAWorkerWhoseClockIsWrong:
    @pytest.fixture
    def leased(self, settings: Any) -> Trip:
        """Another worker has it in hand, for five minutes from now."""
        settings.WORK_LEASE_SECONDS = LEASE_SECONDS
        received_trip(TEN)
        [trip] = Trip.lease_due(1)
        return trip

    @either_way
    def test_leaves_alone_what_another_has_leased_and_takes_what_is_due(
        self, leased: Trip, clock_is_off: timedelta
    ) -> None:
        """Leases are by the database's clock, which all workers share."""
        due = received_trip(TEN)

        Mortal(PRICE, clock_is_off=clock_is_off).work()

        leased.refresh_from_db()
        due.refresh_from_db()
        assert (leased.state, leased.lease_count) == (TripState.RECEIVED, 1)
        assert due.state == TripState.PRICED

    def test_takes_it_from_the_other_if_it_leases_by_its_own_clock(self, leased: Trip) -> None:
        """Negative control: two workers have the same row at the same time."""
        Mortal(PRICE, clock_is_off=AHEAD, trusts_its_clock=True).work()

        leased.refresh_from_db()
        assert leased.lease_count == 2

    def test_leaves_what_is_due_if_it_leases_by_its_own_clock(self) -> None:
        """Negative control: nothing is done for twenty minutes."""
        due = received_trip(TEN)

        Mortal(PRICE, clock_is_off=BEHIND, trusts_its_clock=True).work()

        due.refresh_from_db()
        assert due.state == TripState.RECEIVED


@pytest.mark.django_db
@either_way
class TestASignerWhoseClockIsWrong:
    """AWS takes a signature for five minutes, so Amazon refuses all that this worker sends."""

    def collected(self, sandbox: SandboxProcess, clock_is_off: timedelta) -> Trip:
        trip = staged_trip(sandbox, TEN)
        with time_machine.travel(datetime.now(UTC) + clock_is_off):
            collect_due()
        return fresh(trip)

    def test_spoils_nothing_for_a_worker_whose_clock_is_right(
        self, sandbox: SandboxProcess, clock_is_off: timedelta
    ) -> None:
        trip = self.collected(sandbox, clock_is_off)

        assert "Is the clock of this machine right?" in trip.charge.last_error
        work_off()
        assert fresh(trip).state == TripState.PAID
        assert_books_agree(sandbox, trip)

    def test_fails_every_trip_if_that_counts_as_a_refusal(
        self, sandbox: SandboxProcess, clock_is_off: timedelta, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Negative control: somebody would have to have each of them collected again."""
        monkeypatch.setattr(transport, "_WRONG_CLOCK", ())

        assert self.collected(sandbox, clock_is_off).state == TripState.FAILED


# Clocks change in New York, in Lord Howe by half an hour; a leap day; a year's end on either side of the date line; an
# offset of three quarters.
MOMENTS = [
    ("America/New_York", "2027-03-13T12:30:00-05:00"),
    ("America/New_York", "2027-11-06T01:30:00-04:00"),
    ("Australia/Lord_Howe", "2027-04-03T23:59:59+11:00"),
    ("Europe/Berlin", "2028-02-27T00:00:00+01:00"),
    ("Pacific/Kiritimati", "2027-12-31T23:59:59+14:00"),
    ("Pacific/Pago_Pago", "2027-12-28T23:59:59-11:00"),
    ("Asia/Kathmandu", "2027-06-30T00:00:00+05:45"),
]
CLOCKS_CHANGE = {"America/New_York", "Australia/Lord_Howe"}


@pytest.mark.django_db
@pytest.mark.parametrize(("time_zone", "captured_at"), MOMENTS)
class TestTheRefundWindow:
    """Seven times 24 hours from the capture, to the second, whatever the clocks in the store do."""

    @pytest.fixture
    def trip(self, sandbox: SandboxProcess, time_zone: str, captured_at: str) -> Trip:
        trip = captured_trip(sandbox, store=a_store("TEST-CLOCK", time_zone=time_zone))
        Charge.objects.filter(trip=trip).update(captured_at=datetime.fromisoformat(captured_at).astimezone(UTC))
        return fresh(trip)

    def test_is_open_at_its_last_second_and_closed_a_second_later(self, trip: Trip, captured_at: str) -> None:
        assert [is_open(trip, captured_at, hours=7 * 24, seconds=more) for more in (0, 1)] == [True, False]

    def test_is_another_one_where_days_are_counted_on_the_wall(
        self, trip: Trip, time_zone: str, captured_at: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Negative control: where the clocks change meanwhile, seven days of the store are other hours."""
        zone = ZoneInfo(time_zone)

        def on_the_wall(charge: Charge, days: int) -> datetime:
            return charge.captured_at.astimezone(zone) + timedelta(days=days)

        monkeypatch.setattr(refundable, "refund_ends_at", on_the_wall)

        is_right = [is_open(trip, captured_at, hours=7 * 24, seconds=more) for more in (0, 1)] == [True, False]
        assert is_right == (time_zone not in CLOCKS_CHANGE)


def is_open(trip: Trip, captured_at: str, **later: int) -> bool:
    """Whether some of the trip can be given back so much later."""
    with time_machine.travel(datetime.fromisoformat(captured_at).astimezone(UTC) + timedelta(**later), tick=False):
        try:
            queued_refund(trip, "1.00")
        except Conflict:
            return False
    return True
