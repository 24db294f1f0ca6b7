"""The ledger of points and its arithmetic."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Conflict, Invalid
from loyalty.models import PointsEntry
from loyalty.services.points import balance, correct, earn, points_for, take_back
from loyalty.tests.people import a_member

amounts = st.decimals(min_value=0, max_value=Decimal("9999999999.9999"), places=4)
rates = st.decimals(min_value=0, max_value=Decimal("9999.9999"), places=4)


@pytest.mark.parametrize(
    ("amount", "rate", "points"),
    [("10.00", "1", 10), ("9.99", "1", 9), ("9.99", "0.5", 4), ("0.99", "1", 0), ("3.00", "0.3333", 0), ("7", "0", 0)],
)
def test_only_whole_points_are_given(amount: str, rate: str, points: int) -> None:
    assert points_for(Decimal(amount), Decimal(rate)) == points


@given(amounts, rates)
def test_points_are_the_whole_part_however_large(amount: Decimal, rate: Decimal) -> None:
    points = points_for(amount, rate)

    assert points <= amount * rate < points + 1
    assert points < 2**63  # what the column holds


@given(amounts, amounts, rates)
def test_more_money_is_never_fewer_points(one: Decimal, other: Decimal, rate: Decimal) -> None:
    assert points_for(min(one, other), rate) <= points_for(max(one, other), rate)


@pytest.mark.django_db
class TestLedger:
    def test_the_balance_is_the_sum(self) -> None:
        member, other = a_member("ada-1"), a_member("bob")
        assert balance(member) == 0

        earn(member, points=12, reference="earned/1", amazon_trip_id="1", rate=Decimal(1))
        take_back(member, points=5, reference="refund/1", amazon_trip_id="1")
        earn(other, points=100, reference="earned/2", amazon_trip_id="2")

        assert (balance(member), balance(other)) == (7, 100)

    def test_nothing_counts_twice(self) -> None:
        member = a_member()
        for _ in range(2):
            earn(member, points=12, reference="earned/1", amazon_trip_id="1")
            take_back(member, points=5, reference="refund/1", amazon_trip_id="1")

        assert balance(member) == 7
        assert PointsEntry.objects.count() == 2

    def test_no_points_are_no_entry(self) -> None:
        member = a_member()
        earn(member, points=0, reference="earned/1", amazon_trip_id="1")

        assert not PointsEntry.objects.exists()

    def test_staff_correct_with_a_note(self) -> None:
        member = a_member()

        correct(member, points=-3, note=" Wrong card. ", actor="clerk", reference="corrected/1")

        entry = PointsEntry.objects.get()
        assert (entry.points, entry.kind, entry.actor, entry.note) == (-3, "corrected", "clerk", "Wrong card.")

    def test_a_correction_without_number_or_note_is_refused(self) -> None:
        member = a_member()
        for points, note in ((0, "Sorry."), (10**10, "Sorry."), (5, " ")):
            with pytest.raises(Invalid):
                correct(member, points=points, note=note, actor="clerk", reference="corrected/1")
        correct(member, points=5, note="Sorry.", actor="clerk", reference="corrected/1")
        with pytest.raises(Conflict):
            correct(member, points=5, note="Sorry.", actor="clerk", reference="corrected/1")
        assert balance(member) == 5
