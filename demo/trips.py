"""The trip of a visit: its row, Amazon's cart, priced lines and what happened to it besides money."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from demo.carts import body_of, cart_of
from demo.past_loyalty import past_refusal, past_scan
from demo.visits import Fate, Visit
from loyalty.models import Member, Scan
from orders.models import Cart, Line, Trip, TripEvent, TripIdentity
from orders.pricing import add_up, price_line
from orders.services.members import identities_of
from orders.states import TripState
from orders.wire import create_purchases_decoder
from stores.models import Product, Store

NO_PRODUCT = "no product has this SKU or barcode"
# A trip that expired had lain in review until its card's token had ended.
REVIEW_BEFORE_EXPIRY = timedelta(hours=47)

STATES = {
    Fate.RECEIVED: TripState.RECEIVED,
    Fate.REVIEW: TripState.REVIEW,
    Fate.PRICED: TripState.PRICED,
    Fate.STUCK_ADJUSTING: TripState.COLLECTING,
    Fate.STUCK_CAPTURING: TripState.COLLECTING,
    Fate.PAID: TripState.PAID,
    Fate.PARTLY_PAID: TripState.PARTLY_PAID,
    Fate.UNPAID: TripState.UNPAID,
    Fate.NO_CHARGE: TripState.NO_CHARGE,
    Fate.EXPIRED: TripState.EXPIRED,
    Fate.FAILED: TripState.FAILED,
}


@dataclass(slots=True)
class PastTrip:
    """Unsaved rows that belong together. `priced_at` is None while the trip has no total."""

    trip: Trip
    cart: Cart
    lines: list[Line] = field(default_factory=list)
    events: list[TripEvent] = field(default_factory=list)
    identities: list[TripIdentity] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)
    priced_at: datetime | None = None


def past_trip(
    visit: Visit, store: Store, products: dict[str, Product], members: dict[str, Member], now: datetime
) -> PastTrip:
    cart = cart_of(visit)
    past = _received(visit, store, cart)
    if visit.member is not None:
        scan = past_scan(past.trip, cart, visit.member, members[visit.member.external_id])
        past.scans = [each for each in (past_refusal(scan), scan) if each is not None]
    if visit.fate == Fate.RECEIVED:
        past.trip.next_attempt_at = now
        return past
    _identify(past, visit, members)
    past.lines = [_line(past.trip, position, item, products) for position, item in enumerate(cart["cartItems"], 1)]
    priced_at = past.trip.received_at + timedelta(seconds=1)
    if visit.fate in {Fate.REVIEW, Fate.EXPIRED}:
        detail = f"{past.lines[-1].sku}: {NO_PRODUCT}"
        past.events.append(TripEvent(trip=past.trip, at=priced_at, kind=TripEvent.Kind.HELD, detail=detail))
        priced_at += REVIEW_BEFORE_EXPIRY
    if visit.fate != Fate.REVIEW:
        _price(past, priced_at)
    return past


def _received(visit: Visit, store: Store, cart: dict[str, Any]) -> PastTrip:
    trip = Trip(
        amazon_trip_id=visit.amazon_trip_id,
        store=store,
        entry=visit.entry,
        request_id=cart["requestId"],
        shopper_id=cart["shopperIdentity"]["id"],
        item_count=len(cart["cartItems"]),
        started_at=visit.started_at,
        ended_at=visit.ended_at,
        received_at=visit.ended_at + timedelta(seconds=visit.random.randint(2, 40)),
        state=STATES[visit.fate],
        currency=store.currency,
    )
    return PastTrip(trip, Cart(trip=trip, body=body_of(cart)))


def _identify(past: PastTrip, visit: Visit, members: dict[str, Member]) -> None:
    """As the worker does when it prices a trip (orders.services.members)."""
    named = identities_of(create_purchases_decoder.decode(bytes(past.cart.body)))
    past.identities = [TripIdentity(trip=past.trip, value=value, rank=rank) for value, rank in named.items()]
    past.trip.member = members[visit.member.external_id] if visit.member else None


def _price(past: PastTrip, priced_at: datetime) -> None:
    """Every line has a product here: priced by the same arithmetic as a live cart."""
    trip = past.trip
    prices = []
    for line in past.lines:
        product = line.product
        assert product is not None
        price = price_line(
            line.quantity,
            product.price,
            product.tax_rate,
            currency=trip.currency,
            tax_included=trip.store.prices_include_tax,
        )
        line.unit_price, line.tax_rate, line.name = product.price, product.tax_rate, product.name
        line.tax, line.total = price.tax, price.total
        prices.append(price)
    whole = add_up(prices, currency=trip.currency)
    trip.subtotal, trip.tax, trip.total = whole.net, whole.tax, whole.total
    past.events.append(TripEvent(trip=trip, at=priced_at, kind=TripEvent.Kind.PRICED, amount=trip.total))
    past.priced_at = priced_at


def _line(trip: Trip, position: int, item: dict[str, Any], products: dict[str, Product]) -> Line:
    product = products.get(item["id"])
    return Line(
        trip=trip,
        position=position,
        sku=item["id"],
        barcodes=[identifier["id"] for identifier in item.get("externalIdentifiers", [])],
        line_item_id=item["lineItemId"],
        quantity=Decimal(item["quantity"]["value"]),
        unit=item["quantity"]["unit"],
        product=product,
        name=product.name if product else "",
        problem="" if product else NO_PRODUCT,
    )
