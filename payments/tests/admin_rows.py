"""Rows as the admin's pages find them, written as they stand: no worker and no Amazon has a part in it."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from amazon.models import OutboundCall
from core.tests.staff import staff_with as staff_with
from orders.models import Cart, DivergentCart, Line, Trip, TripEvent
from payments.models import (
    CardDetails,
    Charge,
    Debt,
    FeedbackReport,
    PaymentEvent,
    Receipt,
    Refund,
    RefundLine,
    RefundReason,
)
from stores.models import Product, Store
from stores.tests.rows import a_store as a_store

Kind, Phase = PaymentEvent.Kind, PaymentEvent.Phase


def a_product(store: Store, sku: str = "APPLE", **fields: Any) -> Product:
    defaults = {"name": "Apple", "price": Decimal("3.44"), "unit": "unit"}
    return Product.objects.get_or_create(store=store, sku=sku, defaults=defaults | fields)[0]


def body_of(*items: tuple[str, str], **fields: Any) -> bytes:
    cart_items = [{"id": sku, "quantity": {"value": quantity, "unit": "unit"}} for sku, quantity in items]
    return json.dumps({"requestId": str(uuid4()), "storeId": "corner-shop", "cartItems": cart_items} | fields).encode()


def a_trip(state: str = "priced", *, total: str | None = None, **fields: Any) -> Trip:
    now = datetime.now(UTC)
    amount = None if total is None else Decimal(total)
    started_at = fields.pop("started_at", now - timedelta(minutes=20))
    defaults = {
        "amazon_trip_id": str(uuid4()),
        "entry": "CARD",
        "request_id": str(uuid4()),
        "item_count": 1,
        "started_at": started_at,
        "ended_at": started_at + timedelta(minutes=15),
        "received_at": started_at + timedelta(minutes=16),
        "currency": "USD",
        "subtotal": amount,
        "tax": None if amount is None else Decimal(0),
        "total": amount,
        "next_attempt_at": now if state == "received" else None,
    }
    store = fields.pop("store", None) or a_store()
    trip = Trip.objects.create(state=state, store=store, **(defaults | fields))
    Cart.objects.create(trip=trip, body=body_of(("APPLE", "2")))
    return trip


def a_line(trip: Trip, sku: str = "APPLE", quantity: str = "2", total: str | None = "6.88", **fields: Any) -> Line:
    worth = None if total is None else Decimal(total)
    defaults = {
        "position": trip.lines.count() + 1,
        "name": "" if total is None else sku.capitalize(),
        "unit": "unit",
        "unit_price": None if worth is None else worth / Decimal(quantity),
        "tax_rate": None if worth is None else Decimal(0),
        "tax": None if worth is None else Decimal(0),
        "total": worth,
        "problem": "no product has this SKU or barcode" if total is None else "",
    }
    return Line.objects.create(trip=trip, sku=sku, quantity=Decimal(quantity), **(defaults | fields))


def review_trip(sku: str = "MYSTERY", **fields: Any) -> Trip:
    trip = a_trip("review", **fields)
    a_line(trip, sku, total=None)
    detail = f"{sku}: no product has this SKU or barcode"
    TripEvent.objects.create(trip=trip, kind=TripEvent.Kind.HELD, detail=detail, at=trip.received_at)
    return trip


def a_charge(trip: Trip, state: str, **fields: Any) -> Charge:
    defaults = {"flow": trip.flow, "currency": trip.currency, "amount": trip.total}
    return Charge.objects.create(trip=trip, state=state, **(defaults | fields))


def an_event(charge: Charge, kind: str, phase: str, amount: str | None = None, key: str = "1", **fields: Any) -> None:
    worth = None if amount is None else Decimal(amount)
    PaymentEvent.objects.create(
        charge=charge, kind=kind, phase=phase, key=key, amount=worth, currency=charge.currency, **fields
    )


def paid_trip(total: str = "6.88", *, captured: str | None = None, last_four: str = "4242", **fields: Any) -> Trip:
    taken = captured or total
    state = "paid" if taken == total else "partly_paid"
    trip = a_trip(state, total=total, **fields)
    a_line(trip, total=total)
    charge = a_charge(
        trip,
        "captured" if taken == total else "partly_captured",
        authorized=Decimal(taken),
        captured=Decimal(taken),
        captured_at=trip.received_at + timedelta(seconds=5),
    )
    at = trip.received_at
    TripEvent.objects.create(trip=trip, kind=TripEvent.Kind.PRICED, amount=trip.total, at=at + timedelta(seconds=1))
    an_event(charge, Kind.ADJUST, Phase.REQUESTED, total, at=at + timedelta(seconds=2))
    a_call(trip, "adjust", 200, at=at + timedelta(seconds=2))
    an_event(charge, Kind.ADJUST, Phase.SUCCEEDED, taken, actor="Amazon", at=at + timedelta(seconds=3))
    an_event(charge, Kind.CAPTURE, Phase.REQUESTED, taken, at=at + timedelta(seconds=4))
    a_call(trip, "capture", 200, at=at + timedelta(seconds=4))
    an_event(charge, Kind.CAPTURE, Phase.SUCCEEDED, taken, actor="Amazon", at=at + timedelta(seconds=5))
    CardDetails.objects.create(charge=charge, brand="VISA", last_four=last_four)
    if taken != total:
        a_debt(charge)
    return trip


def failed_trip(total: str = "6.88", **fields: Any) -> Trip:
    trip = a_trip("failed", total=total, **fields)
    a_line(trip, total=total)
    charge = a_charge(trip, "failed", last_error="Amazon refused (400): store is not known")
    an_event(charge, Kind.ADJUST, Phase.REQUESTED, total)
    an_event(charge, Kind.ADJUST, Phase.FAILED, actor="Amazon", detail=charge.last_error)
    return trip


def a_debt(charge: Charge) -> Debt:
    owed = charge.amount - charge.captured
    an_event(charge, Kind.DEBT, Phase.OPENED, str(owed), detail="What the shopper still owes.")
    return Debt.objects.create(charge=charge, amount=owed, owed=owed, currency=charge.currency)


def a_refund(trip: Trip, amount: str, state: str = "queued", refund_id: UUID | None = None, **fields: Any) -> Refund:
    """With its events, and what they say repeated on the charge."""
    charge = trip.charge
    refund = Refund.objects.create(
        charge=charge,
        refund_request_id=refund_id or uuid4(),
        state=state,
        amount=Decimal(amount),
        currency=charge.currency,
        **({"requested_by": "manager", "reason": "DAMAGED_ITEM"} | fields),
    )
    asked = {"key": refund.event_key, "actor": refund.requested_by, "detail": "damaged item"}
    an_event(charge, Kind.REFUND, Phase.REQUESTED, amount, **asked)
    outcome = {
        "done": Phase.SUCCEEDED,
        "failed": Phase.FAILED,
        "unknown": Phase.UNKNOWN,
        "rejected": Phase.REJECTED,
    }.get(state)
    if outcome:
        an_event(charge, Kind.REFUND, outcome, amount, key=refund.event_key, actor="Amazon", detail=refund.last_error)
    if state not in {"failed", "rejected"}:
        charge.committed += refund.amount
        charge.save()
    return refund


def reason_of(code: str = "DAMAGED_ITEM") -> str:
    """What the refund form sends for the first reason with this code of Amazon's."""
    return str(RefundReason.objects.filter(code=code)[0].pk)


def a_refund_line(refund: Refund, line: Line, quantity: str) -> RefundLine:
    return RefundLine.objects.create(refund=refund, line=line, quantity=Decimal(quantity), amount=refund.amount)


def a_call(trip: Trip, operation: str, status: int | None, **fields: Any) -> OutboundCall:
    defaults = {
        "url": f"https://payments.example/v1/{operation}/charge",
        "store_external_id": trip.store.external_id,
        "request": json.dumps({"shoppingTripId": trip.amazon_trip_id, "amount": {"amount": 6.88, "code": "USD"}}),
        "answer": '{"status": "APPROVED"}' if status == 200 else "",
        "error": "" if status else "No answer came in time.",
        "duration_ms": 184,
    }
    return OutboundCall.objects.create(
        operation=operation, amazon_trip_id=trip.amazon_trip_id, status=status, **(defaults | fields)
    )


def another_cart(trip: Trip, *items: tuple[str, str]) -> DivergentCart:
    body = body_of(*items)
    TripEvent.objects.create(
        trip=trip, actor="Amazon", kind=TripEvent.Kind.DIVERGED, detail="Amazon sent another cart for this trip."
    )
    return DivergentCart.objects.create(trip=trip, body=body, digest=str(uuid4()), request_id=str(uuid4()))


def a_receipt(trip: Trip, state: str = "waiting", **fields: Any) -> Receipt:
    return Receipt.objects.create(charge=trip.charge, state=state, **fields)


def a_report(trip: Trip, state: str = "planned", **fields: Any) -> FeedbackReport:
    """Of all that is settled now, unless fields say otherwise."""
    charge = trip.charge
    defaults = {
        "number": charge.feedback.count() + 1,
        "cause": "captured",
        "total": charge.amount,
        "settled": charge.captured + charge.settled,
        "currency": charge.currency,
        "at": trip.received_at + timedelta(seconds=5),
    }
    return FeedbackReport.objects.create(charge=charge, state=state, **(defaults | fields))
