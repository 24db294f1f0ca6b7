"""Points follow the money: whole points of what is captured less what is refunded, whatever the order of events."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty.models import PointsEntry
from loyalty.services.erasure import anonymize_member
from loyalty.services.points import balance, points_for
from loyalty.tests.people import a_member
from orders.models import Trip, TripIdentity
from payments.models import Charge, Debt
from payments.services.points import take_points_back
from payments.tests.admin_rows import a_refund, a_trip, paid_trip
from payments.tests.trips import a_store, captured_trip, collected, fresh, priced_trip, queued_refund, sent, staged_trip
from sandbox.testing import SandboxProcess
from stores.models import Store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return a_store("POINTS", points_per_unit=Decimal("1.5"))


def entries(member: Any) -> list[tuple[str, int, str]]:
    return list(member.points_entries.values_list("kind", "points", "reference"))


class TestWhenTheMemberIsKnown:
    def test_a_captured_trip_earns_and_a_refund_takes_back(self, sandbox: SandboxProcess, store: Store) -> None:
        member = a_member("ada-1")
        trip = captured_trip(sandbox, ("6.25", "2"), store=store, shopper="ada-1")
        assert balance(member) == 18  # 12.50 × 1.5 = 18.75

        refund = sent(queued_refund(trip, "2.00"))

        assert balance(member) == 15  # 10.50 × 1.5 = 15.75
        reference = f"earned/{trip.amazon_trip_id}"
        assert entries(member) == [
            ("earned", 18, reference),
            ("taken_back", -3, f"refund/{refund.refund_request_id}"),
        ]
        sent(queued_refund(trip))
        assert balance(member) == 0

    def test_only_what_the_card_paid_earns(self, sandbox: SandboxProcess, store: Store) -> None:
        member = a_member("ada-1")
        trip_id = f"partly-authorized-trip-uuid-{uuid4()}"

        collected(priced_trip(("10.01", "1"), store=store, shopper="ada-1", trip_id=trip_id))

        assert balance(member) == 7  # 5.00 × 1.5 = 7.5

    def test_the_rate_at_which_points_were_earned_takes_them_back(self, sandbox: SandboxProcess, store: Store) -> None:
        member = a_member("ada-1")
        trip = captured_trip(sandbox, ("10.00", "1"), store=store, shopper="ada-1")
        Store.objects.update(points_per_unit=100)

        sent(queued_refund(trip, "4.00"))

        assert balance(member) == 9

    def test_a_store_without_points_gives_none(self, sandbox: SandboxProcess) -> None:
        member = a_member("ada-1")
        trip = captured_trip(sandbox, ("10.00", "1"), shopper="ada-1")
        Store.objects.update(points_per_unit=1)
        sent(queued_refund(trip, "4.00"))

        assert entries(member) == []

    def test_a_refund_that_amazon_refuses_takes_nothing_back(self, sandbox: SandboxProcess, store: Store) -> None:
        member = a_member("ada-1")
        trip = captured_trip(sandbox, ("10.00", "1"), store=store, shopper="ada-1")
        sandbox.fault("status", operation="refund", trip=trip.amazon_trip_id, status=400)

        sent(queued_refund(trip, "4.00"))

        assert balance(member) == 15

    def test_a_trip_of_nobody_earns_nothing(self, sandbox: SandboxProcess, store: Store) -> None:
        sent(queued_refund(captured_trip(sandbox, ("10.00", "1"), store=store, shopper="card-1"), "1.00"))

        assert not PointsEntry.objects.exists()


class TestWhenTheMemberComesLater:
    def test_they_get_the_points_of_what_was_paid_and_not_refunded(self, sandbox: SandboxProcess, store: Store) -> None:
        trip = captured_trip(sandbox, ("6.25", "2"), store=store, shopper="ada-1")
        refund = sent(queued_refund(trip, "2.00"))
        open_refund = queued_refund(trip, "1.00")

        member = a_member("ada-1")

        assert entries(member) == [
            ("earned", 18, f"earned/{trip.amazon_trip_id}"),
            ("taken_back", -3, f"refund/{refund.refund_request_id}"),
        ]
        sent(open_refund)
        assert balance(member) == 14  # 9.50 × 1.5 = 14.25

    def test_a_trip_that_is_not_settled_yet_earns_when_it_is(self, sandbox: SandboxProcess, store: Store) -> None:
        trip = staged_trip(sandbox, ("10.00", "1"), store=store, shopper="ada-1")
        member = a_member("ada-1")
        assert balance(member) == 0

        collected(trip)

        assert balance(member) == 15


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    total=st.decimals(min_value="0.01", max_value="500.00", places=2),
    rate=st.decimals(min_value=0, max_value=20, places=4),
    parts=st.lists(st.integers(min_value=1, max_value=40), max_size=5),
    known_after=st.integers(min_value=0, max_value=5),
)
def test_the_balance_is_the_whole_points_of_what_is_left_whenever_the_member_came(
    total: Decimal, rate: Decimal, parts: list[int], known_after: int
) -> None:
    external_id = f"member-{uuid4()}"
    store = a_store(f"POINTS-{uuid4()}", points_per_unit=rate)
    trip = paid_trip(str(total), store=store)
    TripIdentity.objects.create(trip=trip, value=external_id, rank=0)
    left = total
    member = None
    for number in range(6):
        if number == known_after:
            member = a_member(external_id)
        part = min(left, Decimal(parts[number])) if number < len(parts) else Decimal(0)
        if part > 0:
            refund = a_refund(Trip.objects.get(pk=trip.pk), str(part), "done")
            take_points_back(Charge.objects.get(trip=trip), refund)
            left -= part
        if member is not None:
            assert balance(member) == points_for(left, rate)
    assert member is not None
    assert balance(member) == points_for(left, rate)


class TestErasing:
    def test_debts_and_points_stay_without_a_name(self) -> None:
        member = a_member("ada-1")
        trip = paid_trip("10.00", captured="4.00", member=member, entry="APP", shopper_id="ada-1")
        Debt.objects.update(shopper_id="ada-1")
        other = a_trip(shopper_id="card-1")

        erased = anonymize_member(member)

        debt = Debt.objects.get(charge__trip=trip)
        assert (debt.shopper_id, debt.amount) == (erased.external_id, 6)
        assert fresh(trip).shopper_id == erased.external_id
        assert Trip.objects.get(pk=other.pk).shopper_id == "card-1"
