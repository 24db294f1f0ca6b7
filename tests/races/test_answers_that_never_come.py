"""Amazon acts and its answer is lost, for every call (reliability.md, row 5): nothing happens twice.

Each call suffers twice in a row, so that whoever repeats it meets the same again.
"""

import json
from typing import Any
from uuid import uuid4

import pytest

from amazon.models import OutboundCall
from orders.models import Trip
from orders.states import TripState
from payments.clients import payment_service
from payments.services import refunds
from payments.states import FeedbackState, RefundState
from payments.tests.trips import TEN, a_store, assert_books_agree, captured_trip, fresh, queued_refund, staged_trip
from sandbox.testing import SandboxProcess
from stores.models import PaymentFlow
from tests.races.compressed_time import work_off

pytestmark = pytest.mark.django_db

PATIENCE = 0.2
SILENCES = [
    pytest.param("lose_answer", {}, id="cut connection"),
    pytest.param("delay_after", {"seconds": 2 * PATIENCE}, id="time-out"),
    pytest.param("garbage", {}, id="no JSON"),
]
silences = pytest.mark.parametrize(("kind", "options"), SILENCES)


@pytest.fixture(autouse=True)
def little_patience(settings: Any) -> None:
    settings.AMAZON_READ_TIMEOUT = PATIENCE


def bodies(trip: Trip, operation: str) -> list[dict[str, Any]]:
    """What Amazon was sent, in order."""
    calls = OutboundCall.objects.filter(amazon_trip_id=trip.amazon_trip_id, operation=operation).order_by("id")
    return [json.loads(request) for request in calls.values_list("request", flat=True)]


@silences
@pytest.mark.parametrize("operation", ["adjust", "capture", "transactional-data"])
def test_a_trip_is_charged_once(sandbox: SandboxProcess, operation: str, kind: str, options: dict[str, Any]) -> None:
    sandbox.fault(kind, operation=operation, times=2, **options)
    trip = staged_trip(sandbox, TEN)

    work_off()

    assert fresh(trip).state == TripState.PAID
    assert_books_agree(sandbox, trip)
    assert len(bodies(trip, "capture")) == 1
    assert len(bodies(trip, operation)) >= (1 if operation == "capture" else 3)


@silences
def test_a_hold_is_released(sandbox: SandboxProcess, kind: str, options: dict[str, Any]) -> None:
    sandbox.fault(kind, operation="cancel", times=2, **options)
    trip = staged_trip(sandbox)

    work_off()

    assert fresh(trip).state == TripState.NO_CHARGE
    assert sandbox.trip(trip.amazon_trip_id)["cancelled"]
    assert len(bodies(trip, "cancel")) == 3


@silences
def test_a_report_is_told_until_amazon_has_confirmed_it(
    sandbox: SandboxProcess, kind: str, options: dict[str, Any]
) -> None:
    """Each report says what is settled in all, so that to repeat it does no harm (our reading)."""
    sandbox.fault(kind, operation="feedback", times=2, **options)
    trip = staged_trip(sandbox, TEN, store=a_store("TEST-FEEDBACK", reports_payments=True))

    work_off()

    assert trip.charge.feedback.get().state == FeedbackState.ACCEPTED
    first, *others = bodies(trip, "feedback")
    assert others == [first, first]
    reports = sandbox.trip(trip.amazon_trip_id)["feedback"]
    assert {(report["total"], report["settled"]) for report in reports} == {("10.00", "10.00")}


@silences
def test_a_cart_is_checked_out_once(sandbox: SandboxProcess, kind: str, options: dict[str, Any]) -> None:
    sandbox.fault(kind, operation="checkout", times=2, **options)
    store = a_store("TEST-CHECKOUT", card_flow=PaymentFlow.CHECKOUT_SERVICE, region="us-west-2")
    trip = staged_trip(sandbox, TEN, store=store)

    work_off()

    assert fresh(trip).charge.remote_id == sandbox.trip(trip.amazon_trip_id)["order_id"]
    assert_books_agree(sandbox, trip)
    first, *others = bodies(trip, "checkout")
    assert others == [first, first]


def refunded(sandbox: SandboxProcess, kind: str, **options: Any) -> Trip:
    """3.00 of 10.00 were given back, so that a second and a third refund would have found their money."""
    trip = captured_trip(sandbox)
    sandbox.fault(kind, operation="refund", times=2, **options)
    queued_refund(trip, "3.00")
    work_off()
    return fresh(trip)


@silences
def test_money_goes_back_once(sandbox: SandboxProcess, kind: str, options: dict[str, Any]) -> None:
    trip = refunded(sandbox, kind, **options)

    refund = trip.charge.refunds.get()
    assert refund.state == RefundState.DONE
    assert [body["refundRequestId"] for body in bodies(trip, "refund")] == [str(refund.refund_request_id)] * 3
    assert_books_agree(sandbox, trip)


@silences
def test_with_a_new_id_on_each_try_it_goes_back_again(
    sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch, kind: str, options: dict[str, Any]
) -> None:
    """Negative control of the test above: the id is made when the refund is sent, instead of when it is asked for."""

    def with_new_id(*arguments: Any, refund_request_id: object, **more: Any) -> Any:
        return payment_service.refund(*arguments, refund_request_id=uuid4(), **more)

    class Client:
        refund = staticmethod(with_new_id)

    monkeypatch.setattr(refunds, "payment_service", Client)

    trip = refunded(sandbox, kind, **options)

    book = sandbox.trip(trip.amazon_trip_id)
    assert (trip.charge.committed, book["refunded"]) == (3, "9.00")
