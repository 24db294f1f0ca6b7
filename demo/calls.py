"""The journal of our calls to Amazon, as the past money events would have left it (amazon.outbound.transport)."""

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from amazon.models import OutboundCall
from amazon.outbound.hosts import checkout_url, feedback_url, payments_url
from demo.charges import Kind, PastCharge, Phase
from demo.refunds import PastRefund
from demo.visits import Visit
from orders.models import Line, Trip
from payments.clients.checkout_service import payload_of
from payments.models import FeedbackReport, PaymentEvent
from payments.services.addresses import address_of
from payments.services.flows.checkout_service import cart_of
from payments.states import FeedbackState
from stores.models import PaymentFlow

OPERATIONS = {
    Kind.ADJUST: ("adjust", "/v1/adjust/charge"),
    Kind.CAPTURE: ("capture", "/v1/capture/charge"),
    Kind.CANCEL: ("cancel", "/v1/cancel/charge"),
    Kind.REFUND: ("refund", "/v1/refund"),
}
CARD_DATA = ("transactional-data", "/v1/payment/transactional-data")


def past_calls(visit: Visit, past: PastCharge, refund: PastRefund | None, lines: list[Line]) -> Iterator[OutboundCall]:
    if past.charge.flow == PaymentFlow.CHECKOUT_SERVICE:
        yield from _check_outs(visit, past, lines)
        return
    if past.charge.flow == PaymentFlow.OWN_PROCESSOR:
        return
    for event in past.events:
        if event.kind not in OPERATIONS or event.phase in _NO_ANSWER:
            continue
        payload: dict[str, Any] = {"amount": _wire(event)} if event.kind != Kind.CANCEL else {}
        if event.kind == Kind.REFUND and refund is not None:
            key = {"refundRequestId": str(refund.refund.refund_request_id), "refundReasonCode": refund.refund.reason}
            payload |= key
        call = _payments_call(visit, past.charge.trip, OPERATIONS[PaymentEvent.Kind(event.kind)], payload)
        call.at = event.at - timedelta(milliseconds=call.duration_ms)
        call.answer, call.error = _answer(event, refund), event.detail if event.phase in _NO_SUCCESS else ""
        call.status = _status(call.error)
        yield call
        if event.kind == Kind.CAPTURE and past.card is not None:
            call = _payments_call(visit, past.charge.trip, CARD_DATA, {})
            call.at, call.status, call.answer = event.at + timedelta(seconds=1), 200, json.dumps(past.card.emv)
            yield call


def report_call(visit: Visit, report: FeedbackReport) -> OutboundCall | None:
    """The last one, which the report then names; None while no outcome is written down."""
    if report.state in {FeedbackState.PLANNED, FeedbackState.SENT}:
        return None
    trip, is_answered = report.charge.trip, report.state in {FeedbackState.ACCEPTED, FeedbackState.REJECTED}
    url = f"{address_of(report.charge, feedback_url).base_url}/v1/feedback/payment-status"
    amounts = {"totalAmount": report.total, "settledAmount": report.settled}
    body: dict[str, Any] = {"storeId": trip.store.external_id, "shoppingTripId": trip.amazon_trip_id}
    body |= {name: {"amount": float(amount), "code": report.currency} for name, amount in amounts.items()}
    body["paymentStatusTime"] = int(report.at.timestamp() * 1000)
    call = _call(visit, trip, "feedback", url, body)
    call.at = report.at + timedelta(seconds=1)
    call.error = "" if is_answered else report.last_error
    call.answer = json.dumps({"status": report.state.capitalize()}) if is_answered else ""
    call.status = _status(call.error)
    report.last_call = call
    return call


def _check_outs(visit: Visit, past: PastCharge, lines: list[Line]) -> Iterator[OutboundCall]:
    address = address_of(past.charge, checkout_url)
    for event in past.events:
        if event.kind != Kind.CAPTURE or event.phase == Phase.REQUESTED:
            continue
        body = payload_of(address, cart_of(lines, event.currency))
        call = _call(visit, past.charge.trip, "checkout", f"{address.base_url}/v1/checkout/carts", body)
        call.at = event.at - timedelta(milliseconds=call.duration_ms)
        if event.phase == Phase.SUCCEEDED:
            call.status, call.answer = 201, json.dumps({"orderId": past.charge.remote_id})
        else:
            call.status, call.answer, call.error = _status(event.detail), _answer(event, None), event.detail
        yield call


# What was asked for, and what staff decided about it, is no answer of Amazon.
_NO_ANSWER = {Phase.REQUESTED, Phase.APPROVED, Phase.REJECTED, Phase.WITHDRAWN}
_NO_SUCCESS = {Phase.FAILED, Phase.EXPIRED, Phase.UNKNOWN}


def _payments_call(visit: Visit, trip: Trip, operation: tuple[str, str], payload: dict[str, Any]) -> OutboundCall:
    name, path = operation
    ids = {"storeId": trip.store.external_id, "shoppingTripId": trip.amazon_trip_id}
    url = payments_url(trip.store.region, is_test=trip.store.is_test_mode) + path
    return _call(visit, trip, name, url, ids | payload)


def _call(visit: Visit, trip: Trip, operation: str, url: str, body: dict[str, Any]) -> OutboundCall:
    return OutboundCall(
        operation=operation,
        url=url,
        store_external_id=trip.store.external_id,
        amazon_trip_id=trip.amazon_trip_id,
        request=json.dumps(body),
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
