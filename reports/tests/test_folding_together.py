"""Several connections at once, on PostgreSQL: nothing is lost that is committed late."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from amazon.tests.calls import a_call
from orders.models import Trip, TripEvent
from payments.tests.admin_rows import a_trip
from reports.models import CallDay, CallFold, Fold, TripDay
from reports.services import horizon
from reports.tasks import count_calls_due, fold_due
from reports.tests.connections import held_open

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOBODY_ELSE = "SELECT statement_timestamp()"


def fold() -> None:
    Fold.objects.update(next_attempt_at=datetime(2020, 1, 1, tzinfo=UTC))
    fold_due()


@pytest.mark.parametrize(("asks_who_runs", "gross"), [(True, "3.00"), (False, "5.00")])
def test_what_is_committed_late_is_not_overtaken(
    monkeypatch: pytest.MonkeyPatch, asks_who_runs: bool, gross: str
) -> None:
    """The control goes on to its own present moment, and never sees what was under way then."""
    monkeypatch.setattr(horizon, "MARGIN", timedelta(0))
    if not asks_who_runs:
        monkeypatch.setattr(horizon, "_OLDEST_THAT_RUNS", NOBODY_ELSE)
    trip = a_trip("paid", total="5.00")
    fold()

    def adjust() -> None:
        Trip.objects.filter(pk=trip.pk).update(subtotal=Decimal(3), total=Decimal(3))
        TripEvent.objects.create(trip=trip, kind=TripEvent.Kind.ADJUSTED, amount=Decimal(3))

    with held_open(adjust):
        fold()
        assert TripDay.objects.get().gross == Decimal("5.00")
    fold()

    assert TripDay.objects.get().gross == Decimal(gross)


def test_two_workers_do_not_fold_at_once() -> None:
    """The second one finds the row leased, and leaves it."""
    a_trip("paid", total="5.00")
    fold()
    Fold.objects.update(next_attempt_at=datetime(2020, 1, 1, tzinfo=UTC))
    (row,) = Fold.lease_due(1)

    assert Fold.lease_due(1) == []
    fold_due()

    assert Fold.objects.get().at == row.at


@pytest.mark.parametrize(("asks_who_runs", "calls"), [(True, 2), (False, 1)])
def test_a_call_that_is_committed_late_is_counted_once(
    monkeypatch: pytest.MonkeyPatch, asks_who_runs: bool, calls: int
) -> None:
    """The control counts up to the newest id that it sees, and never the smaller one of whoever had not ended."""
    monkeypatch.setattr(horizon, "MARGIN", timedelta(0))
    if not asks_who_runs:
        monkeypatch.setattr(horizon, "_OLDEST_THAT_RUNS", NOBODY_ELSE)

    def count() -> None:
        CallFold.objects.update(next_attempt_at=datetime(2020, 1, 1, tzinfo=UTC))
        count_calls_due()

    count()
    with held_open(a_call):
        a_call()
        for _ in range(3):
            count()
        assert CallDay.objects.exists() is not asks_who_runs
    for _ in range(3):
        count()

    assert sum(CallDay.objects.values_list("calls", flat=True)) == calls
