"""A debt is paid in parts while workers report to Amazon: every part is reported, and in its order."""

import sys
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from orders.models import Trip
from payments.models import FeedbackReport
from payments.services import feedback
from payments.services.debts import settle
from payments.states import FeedbackState
from payments.tasks import report_payments_due
from payments.tests.trips import TEN, collected, priced_trip
from sandbox.testing import SandboxProcess
from tests.races.simultaneous import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

ROUNDS = 8
PARTS = 5
WORKERS = 4
# A control gives up after so many trips; it needs a few.
MOST_ROUNDS = 60


@pytest.fixture(autouse=True)
def workers_that_take_one_at_a_time(settings: Any) -> None:
    settings.WORK_BATCH_SIZE = 1


def declined_trip() -> Trip:
    return collected(priced_trip(TEN, trip_id=f"declined-payment-trip-uuid-{uuid4()}"))


def pay_a_part(trip: Trip) -> int:
    settle(trip.charge.debt, key=uuid4(), amount=Decimal("1.50"), means="cash", actor="clerk")
    return 1


def pay_and_report_at_once(trip: Trip) -> None:
    at_once(*[report_payments_due] * WORKERS, *[lambda: pay_a_part(trip)] * PARTS)


def left(trip: Trip) -> list[str]:
    """What is not reported once the workers have found nothing more to do."""
    report_payments_due()
    reports = FeedbackReport.objects.filter(charge__trip=trip).exclude(state=FeedbackState.ACCEPTED)
    return list(reports.values_list("state", flat=True))


def heard(sandbox: SandboxProcess, trip: Trip) -> list[Decimal]:
    """How much was settled, as Amazon was told, in the order in which it came."""
    return [Decimal(row["settled"]) for row in sandbox.trip(trip.amazon_trip_id)["feedback"]]


def test_every_part_is_reported_once_and_in_its_order(sandbox: SandboxProcess) -> None:
    for _ in range(ROUNDS):
        trip = declined_trip()

        pay_and_report_at_once(trip)

        assert left(trip) == []
        assert heard(sandbox, trip) == [Decimal("1.50") * number for number in range(PARTS + 1)]


def test_without_the_lock_a_report_is_forgotten(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: who plans sees one that is still open; who ends that one does not see what is planned."""

    def reports_alone(model: type[FeedbackReport], leases: dict[int, int]) -> dict[int, FeedbackReport]:
        return model.all_locked(leases, "charge__trip__store")

    monkeypatch.setattr(feedback, "lock_with_charges", reports_alone)
    forgotten: list[str] = []
    rounds = 0
    while not forgotten and rounds < MOST_ROUNDS:
        rounds += 1
        trip = declined_trip()
        pay_and_report_at_once(trip)
        forgotten = left(trip)

    sys.stdout.write(f"round {rounds}: {len(forgotten)} reports are never sent\n")
    assert forgotten


def test_when_all_are_due_at_once_amazon_hears_them_in_any_order(sandbox: SandboxProcess) -> None:
    """Negative control: the same reports and workers, but none waits for the one before it."""
    told: list[Decimal] = []
    rounds = 0
    while told == sorted(told) and rounds < MOST_ROUNDS:
        rounds += 1
        trip = declined_trip()
        for _ in range(PARTS):
            pay_a_part(trip)
        FeedbackReport.objects.filter(charge__trip=trip).update(next_attempt_at=Now())
        at_once(*[report_payments_due] * WORKERS)
        told = heard(sandbox, trip)

    sys.stdout.write(f"round {rounds}: {', '.join(map(str, told))}\n")
    assert told != sorted(told)
