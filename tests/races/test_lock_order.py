"""Everybody locks a trip's charge before what belongs to it. A worker finds the row first: it waits for nobody
meanwhile, or two would wait for each other."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction

from core.errands import Errand, begin_due
from core.work import WorkRow
from orders.models import Trip
from payments.models import Charge
from payments.services.collection import Collecting
from payments.services.feedback import Reporting
from payments.services.refunds import Refunding
from payments.tests.trips import captured_trip, queued_refund, staged_trip
from sandbox.testing import SandboxProcess

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

# A due row, the errand that finds it, and what everybody locks before it.
Scene = tuple[WorkRow, Errand[Any], Callable[[], Any]]


def a_charge(sandbox: SandboxProcess) -> Scene:
    trip = staged_trip(sandbox)
    return trip.charge, Collecting(), lambda: Trip.locked(trip.pk)


def a_refund(sandbox: SandboxProcess) -> Scene:
    refund = queued_refund(captured_trip(sandbox))
    return refund, Refunding(), lambda: Charge.locked(refund.charge_id)


def a_report(sandbox: SandboxProcess) -> Scene:
    report = captured_trip(sandbox).charge.feedback.get(next_attempt_at__isnull=False)
    return report, Reporting(), lambda: Charge.locked(report.charge_id)


of_each_kind = pytest.mark.parametrize("scene", [a_charge, a_refund, a_report], ids=lambda scene: scene.__name__)


def a_worker(errand: Errand[Any], begun: list[int]) -> Thread:
    def work() -> None:
        try:
            found, _held, _calls = begin_due(errand, 10)
            begun.append(found)
        finally:
            connection.close()

    thread = Thread(target=work)
    thread.start()
    return thread


@of_each_kind
def test_a_row_whose_charge_is_locked_is_left_for_later(
    scene: Callable[[SandboxProcess], Scene], sandbox: SandboxProcess
) -> None:
    row, errand, lock = scene(sandbox)
    begun: list[int] = []
    with transaction.atomic():
        lock()
        a_worker(errand, begun).join(30)
        assert begun == [0]
        type(row).locked(row.pk)

    a_worker(errand, begun).join(30)
    assert begun == [0, 1]


@of_each_kind
def test_a_worker_that_locks_the_row_alone_waits_while_it_holds_it(
    scene: Callable[[SandboxProcess], Scene], sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: whoever holds the charge and wants the row now waits for a worker that waits for them."""
    row, errand, lock = scene(sandbox)
    monkeypatch.setattr(type(row), "LOCKED_FIRST", ())
    begun: list[int] = []
    with transaction.atomic():
        lock()
        worker = a_worker(errand, begun)
        worker.join(1)
        assert worker.is_alive()
        free = type(row)._default_manager.select_for_update(of=("self",), skip_locked=True)
        assert not free.filter(pk=row.pk).exists()
    worker.join(30)
    assert begun == [1]
