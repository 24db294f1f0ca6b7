"""The journal of our calls to Amazon, as the past money events would have left it (amazon.outbound.transport)."""

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from amazon.models import OutboundCall
from amazon.outbound.hosts import payments_url
from demo.charges import Kind, PastCharge, Phase
from demo.refunds import PastRefund
from demo.visits import Visit
from orders.models import Trip
from payments.models import PaymentEvent

OPERATIONS = {
    Kind.ADJUST: ("adjust", "/v1/adjust/charge"),
    Kind.CAPTURE: ("capture", "/v1/capture/charge"),
    Kind.CANCEL: ("cancel", "/v1/cancel/charge"),
    Kind.REFUND: ("refund", "/v1/refund"),
}
CARD_DATA = ("transactional-data", "/v1/payment/transactional-data")


def past_calls(visit: Visit, past: PastCharge, refund: PastRefund | None) -> Iterator[OutboundCall]:
    for event in past.events:
        if event.kind not in OPERATIONS or event.phase == Phase.REQUESTED:
            continue
        payload: dict[str, Any] = {"amount": _wire(event)} if event.kind != Kind.CANCEL else {}
        if event.kind == Kind.REFUND and refund is not None:
            key = {"refundRequestId": str(refund.refund.refund_request_id), "refundReasonCode": refund.refund.reason}
            payload |= key
        call = _call(visit, past.charge.trip, OPERATIONS[PaymentEvent.Kind(event.kind)], payload)
        call.at = event.at - timedelta(milliseconds=call.duration_ms)
        call.answer, call.error = _answer(event, refund), event.detail if event.phase in _NO_SUCCESS else ""
        call.status = _status(call.error)
        yield call
        if event.kind == Kind.CAPTURE and past.card is not None:
            call = _call(visit, past.charge.trip, CARD_DATA, {})
            call.at, call.status, call.answer = event.at + timedelta(seconds=1), 200, json.dumps(past.card.emv)
            yield call


_NO_SUCCESS = {Phase.FAILED, Phase.EXPIRED, Phase.UNKNOWN}


def _call(visit: Visit, trip: Trip, operation: tuple[str, str], payload: dict[str, Any]) -> OutboundCall:
    name, path = operation
    ids = {"storeId": trip.store.external_id, "shoppingTripId": trip.amazon_trip_id}
    return OutboundCall(
        operation=name,
        url=payments_url(trip.store.region, is_test=trip.store.is_test_mode) + path,
        store_external_id=trip.store.external_id,
        amazon_trip_id=trip.amazon_trip_id,
        request=json.dumps(ids | payload),
        amazon_request_id=str(uuid.UUID(int=visit.random.getrandbits(128), version=4)),
        duration_ms=visit.random.randint(28, 240),
    )


def _wire(event: PaymentEvent) -> dict[str, Any]:
    return {"amount": float(event.amount or 0), "code": event.currency}


def _answer(event: PaymentEvent, refund: PastRefund | None) -> str:
    if event.phase in _NO_SUCCESS:
        return json.dumps({"errorMsg": event.detail.rstrip(".").rpartition(" ")[2]}) if " 4" in event.detail else ""
    if event.kind == Kind.ADJUST:
        status = "APPROVED" if event.phase == Phase.SUCCEEDED else "DECLINED"
        return json.dumps({"status": status, "authorizedAmount": _wire(event)})
    if event.kind == Kind.REFUND and refund is not None:
        return json.dumps({"reconciliationId": refund.refund.reconciliation_id})
    return ""


def _status(error: str) -> int | None:
    """The status that the text of an error names; None where no answer came."""
    if not error:
        return 200
    return next((status for status in (400, 403, 500) if f" {status} " in error), None)
