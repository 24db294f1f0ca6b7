"""Trips in the states that tests start from, brought there by the services themselves and by a real sandbox."""

import json
from concurrent.futures import Future
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db.models.functions import Now

from amazon.outbound import pauses
from core.errands import Call, Leased, go_on
from core.work import WorkRow
from orders.models import Trip
from orders.services.intake import Arrived, receive_carts
from orders.services.pricing import price_trip
from orders.states import Entry, TripState
from orders.wire import create_purchases_decoder
from payments.models import Charge, Refund
from payments.services.collection import Collecting
from payments.services.refunds import request_refund
from payments.services.trips import balances_of
from payments.tasks import collect_due, send_refunds_due
from sandbox.testing import SandboxProcess
from stores.models import Product, Store

TEN = ("10.00", "1")


def a_store(external_id: str = "TEST-CARD", **fields: Any) -> Store:
    defaults = {"name": external_id, "region": "us-east-1", "time_zone": "America/New_York", "currency": "USD"}
    return Store.objects.get_or_create(external_id=external_id, defaults=defaults | fields)[0]


def cart_body(
    store: Store,
    trip_id: str,
    items: tuple[tuple[str, str], ...],
    entry: Entry = Entry.CARD,
    unit: str = "unit",
    shopper: str = "",
) -> bytes:
    """What Amazon sends for a trip that took `items`: each a price, which names the product, and a quantity."""
    payload_type = {Entry.CARD: "FINANCIAL", Entry.APP: "SCAN_CODE"}[entry]
    cart = {
        "requestId": str(uuid4()),
        "idempotentShoppingTripId": trip_id,
        "storeId": store.external_id,
        "shoppingTrip": {
            "startTime": "2022-11-29T16:13:26Z",
            "endTime": "2022-11-29T16:13:28Z",
            "authEvents": [{"id": str(uuid4()), "authLocation": "ENTRY", "payloadType": payload_type}],
        },
        "cartItems": [
            {"id": f"AT-{price}", "type": "SKU", "quantity": {"value": quantity, "unit": unit}}
            for price, quantity in items
        ],
        **({"shopperIdentity": {"id": shopper}} if shopper else {}),
    }
    return json.dumps(cart).encode()


def received_trip(
    *items: tuple[str, str],
    store: Store | None = None,
    trip_id: str | None = None,
    entry: Entry = Entry.CARD,
    tax_rate: str = "0",
    shopper: str = "",
) -> Trip:
    """A cart of `(price, quantity)` items, stored and waiting to be priced. Without items: an empty cart."""
    store = store or a_store()
    trip_id = trip_id or str(uuid4())
    for price, _ in items:
        fields = {"name": f"Thing at {price}", "price": Decimal(price), "tax_rate": Decimal(tax_rate)}
        Product.objects.get_or_create(store=store, sku=f"AT-{price}", defaults=fields)
    body = cart_body(store, trip_id, items, entry, shopper=shopper)
    receive_carts([Arrived(create_purchases_decoder.decode(body), body)])
    return Trip.objects.get(amazon_trip_id=trip_id)


def priced_trip(*items: tuple[str, str], **options: Any) -> Trip:
    """Priced, and due to be collected; Amazon has not been asked."""
    trip = received_trip(*items, **options)
    price_trip(trip.pk)
    return fresh(trip)


def staged_trip(sandbox: SandboxProcess, *items: tuple[str, str], preauthorized: str = "50.00", **options: Any) -> Trip:
    """Priced, and known to Amazon, whose gate has put a hold on the card."""
    trip = priced_trip(*items, **options)
    stage(sandbox, trip, preauthorized=preauthorized)
    return trip


def captured_trip(sandbox: SandboxProcess, *items: tuple[str, str], **options: Any) -> Trip:
    """Collected: `paid`, by our events and by the sandbox's books. 10.00 unless items say otherwise."""
    trip = collected(staged_trip(sandbox, *(items or (TEN,)), **options))
    assert trip.state == TripState.PAID, trip.charge.last_error
    return trip


def stage(sandbox: SandboxProcess, *trips: Trip, preauthorized: str = "50.00") -> None:
    sandbox.stage(
        {
            "shoppingTripId": trip.amazon_trip_id,
            "storeId": trip.store.external_id,
            "preauthorized": {"amount": preauthorized, "code": trip.store.currency},
        }
        for trip in trips
    )


def collected(trip: Trip) -> Trip:
    """After a worker has dealt with the trip's charge, whether or not its time had come."""
    make_due(Charge, trip.charge.pk)
    collect_due()
    return fresh(trip)


def begun(charge: Charge, answer: Future[Any] | None = None) -> Call | None:
    """As a worker that has leased the charge: what came of its last call and the next intent are committed; the call
    itself is what comes back, if there is one to make."""
    leased = Leased(charge.pk, charge.lease_count, answer)
    return next((call for _, call in go_on(Collecting(), [leased])), None)


def queued_refund(trip: Trip, amount: str | None = None, **options: Any) -> Refund:
    """Asked for by a member of staff; Amazon has not been asked."""
    fields: dict[str, Any] = {"refund_request_id": uuid4(), "actor": "manager", "reason": "DAMAGED_ITEM"}
    return request_refund(trip, amount=None if amount is None else Decimal(amount), **(fields | options))


def sent(refund: Refund) -> Refund:
    """After a worker has dealt with the refund, whether or not its time had come."""
    make_due(Refund, refund.pk)
    send_refunds_due()
    return Refund.objects.get(pk=refund.pk)


def make_due(model: type[WorkRow], pk: int) -> None:
    """A waiting row's time has come, and Amazon is left alone no longer. A row at rest stays at rest."""
    pauses.forget()
    waiting = model._default_manager.filter(pk=pk, next_attempt_at__isnull=False)
    waiting.update(next_attempt_at=Now() - timedelta(seconds=1))


def waits(trip: Trip) -> float:
    """Seconds until the trip's charge is due again, by the database's clock."""
    row = Charge.objects.annotate(now=Now()).get(trip=trip)
    seconds: float = (row.next_attempt_at - row.now).total_seconds()
    return seconds


def fresh(trip: Trip) -> Trip:
    return Trip.objects.select_related("store", "charge").get(pk=trip.pk)


def happened(trip: Trip) -> list[str]:
    """The money events in order: `["adjust requested", "adjust succeeded", ...]`."""
    return [f"{event.kind} {event.phase}" for event in trip.charge.events.all()]


def assert_books_agree(sandbox: SandboxProcess, *trips: Trip) -> None:
    """Ours and the sandbox's own books, trip by trip and to the cent: at most one capture, the same sums."""
    books = {entry["trip_id"]: entry for entry in sandbox.books()}
    for trip in trips:
        balances, entry = balances_of(trip), books[trip.amazon_trip_id]
        ours = (balances.captured.amount, balances.refunded.amount)
        theirs = (Decimal(entry["captured"]), Decimal(entry["refunded"]))
        assert ours == theirs, f"{trip}: ours {ours}, Amazon's {theirs}"
        assert entry["captures"] <= 1, f"{trip} was charged {entry['captures']} times"
