"""From a stored cart to priced lines and a total, or into the review queue."""

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid
from orders.events import trip_priced
from orders.models import Line, Trip, TripEvent
from orders.pricing import Price, Unpriceable, add_up
from orders.services.lines import lines_of, price_lines
from orders.services.members import link_member
from orders.states import TripState
from orders.wire import create_purchases_decoder
from stores.models import Product

_PRICED_FIELDS = ["product", "name", "unit_price", "tax_rate", "tax", "total", "problem"]


def price_trip(pk: int, lease_count: int | None = None) -> None:
    """Price a received trip, or one in review again. Raises LeaseLost when another worker has it."""
    with transaction.atomic():
        trip = Trip.locked(pk, lease_count=lease_count)
        if trip.state in {TripState.RECEIVED, TripState.REVIEW}:
            _price(trip)


def choose_product(line: Line, product: Product, *, actor: str) -> None:
    """Staff say what an item was; the trip goes on if that was the last open question.

    Raises Invalid for a product of another store and Conflict when the trip is not in review.
    """
    with transaction.atomic():
        trip = Trip.locked(line.trip_id)
        if trip.state != TripState.REVIEW:
            raise Conflict(_("This trip is not in review any more."))
        if product.store_id != trip.store_id:
            raise Invalid(
                _("%(product)s is not sold in %(store)s.") % {"product": product, "store": trip.store}, field="product"
            )
        line.product = product
        line.save(update_fields=["product"])
        detail = f"{line.sku} is {product}."
        TripEvent.objects.create(trip=trip, actor=actor, kind=TripEvent.Kind.PRODUCT_CHOSEN, detail=detail)
        _price(trip)


def _price(trip: Trip) -> None:
    lines = list(trip.lines.select_related("product")) or _lines_of(trip)
    prices = price_lines(lines, trip.store)
    problems = [f"{line.sku}: {line.problem}" for line in lines if line.problem]
    total = None
    try:
        total = add_up(prices, currency=trip.store.currency)
    except Unpriceable as error:
        problems.append(str(error))
    Line.objects.bulk_create(
        lines, update_conflicts=True, unique_fields=["trip", "position"], update_fields=_PRICED_FIELDS
    )
    if trip.state == TripState.RECEIVED:
        link_member(trip)
    trip.rest()
    if problems or total is None:
        _hold(trip, problems)
    else:
        _accept(trip, total)


def _lines_of(trip: Trip) -> list[Line]:
    cart = create_purchases_decoder.decode(bytes(trip.cart.body))
    lines = lines_of(cart.cart_items)
    for line in lines:
        line.trip = trip
    return lines


def _hold(trip: Trip, problems: list[str]) -> None:
    detail = "; ".join(problems)
    if trip.state == TripState.RECEIVED or detail != _last_problem(trip):
        TripEvent.objects.create(trip=trip, kind=TripEvent.Kind.HELD, detail=detail)
    trip.hold_for_review()
    trip.save()


def _last_problem(trip: Trip) -> str:
    held = trip.events.filter(kind=TripEvent.Kind.HELD).last()
    return held.detail if held else ""


def _accept(trip: Trip, total: Price) -> None:
    trip.currency = trip.store.currency
    trip.subtotal, trip.tax, trip.total = total.net, total.tax, total.total
    trip.mark_priced()
    trip.save()
    TripEvent.objects.create(trip=trip, kind=TripEvent.Kind.PRICED, amount=trip.total)
    trip_priced.send(Trip, trip=trip)
