"""From a stored cart to priced lines and a total, or into the review queue."""

from django.db import transaction

from core.errors import Conflict, Invalid
from orders.events import trip_priced
from orders.models import Line, Trip, TripEvent
from orders.pricing import Price, Unpriceable, add_up, price_line, same_unit
from orders.states import TripState
from orders.wire import CartItem, create_purchases_decoder
from stores.models import Product
from stores.services import Assortment, find_products

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
            raise Conflict("This trip is not in review any more.")
        if product.store_id != trip.store_id:
            raise Invalid(f"{product} is not sold in {trip.store}.", field="product")
        line.product = product
        line.save(update_fields=["product"])
        detail = f"{line.sku} is {product}."
        TripEvent.objects.create(trip=trip, actor=actor, kind=TripEvent.Kind.PRODUCT_CHOSEN, detail=detail)
        _price(trip)


def _price(trip: Trip) -> None:
    lines = list(trip.lines.select_related("product")) or _lines_of(trip)
    assortment = find_products(
        trip.store,
        skus=[line.sku for line in lines if not line.is_scan_code],
        barcodes=[code for line in lines for code in line.barcodes],
    )
    prices = [price for line in lines if (price := _price_line(line, trip, assortment)) is not None]
    problems = [f"{line.sku}: {line.problem}" for line in lines if line.problem]
    total = None
    try:
        total = add_up(prices, currency=trip.store.currency)
    except Unpriceable as error:
        problems.append(str(error))
    Line.objects.bulk_create(
        lines, update_conflicts=True, unique_fields=["trip", "position"], update_fields=_PRICED_FIELDS
    )
    trip.rest()
    if problems or total is None:
        _hold(trip, problems)
    else:
        _accept(trip, total)


def _lines_of(trip: Trip) -> list[Line]:
    cart = create_purchases_decoder.decode(bytes(trip.cart.body))
    return [_line(trip, position, item) for position, item in enumerate(cart.cart_items, start=1)]


def _line(trip: Trip, position: int, item: CartItem) -> Line:
    is_scan_code = item.type == "SCANCODE"
    barcodes = [identifier.id for identifier in item.external_identifiers or []]
    return Line(
        trip=trip,
        position=position,
        sku=item.id,
        is_scan_code=is_scan_code,
        barcodes=[item.id, *barcodes] if is_scan_code else barcodes,
        line_item_id=item.line_item_id or "",
        quantity=item.quantity.amount,
        unit=item.quantity.unit,
    )


def _price_line(line: Line, trip: Trip, assortment: Assortment) -> Price | None:
    """Fill in the line. None, and `line.problem`, when it cannot be priced."""
    line.problem = ""
    try:
        product = line.product or _find(line, assortment)
        if not same_unit(line.unit, product.unit):
            raise Unpriceable(f"sold by {product.unit}, but the cart counts {line.unit}")
        price = price_line(
            line.quantity,
            product.price,
            product.tax_rate,
            currency=trip.store.currency,
            tax_included=trip.store.prices_include_tax,
        )
    except Unpriceable as error:
        line.problem = str(error)[:300]
        line.unit_price = line.tax_rate = line.tax = line.total = None
        return None
    line.product, line.name = product, product.name
    line.unit_price, line.tax_rate = product.price, product.tax_rate
    line.tax, line.total = price.tax, price.total
    return price


def _find(line: Line, assortment: Assortment) -> Product:
    if not line.is_scan_code and line.sku in assortment.by_sku:
        return assortment.by_sku[line.sku]
    found = {product.pk: product for code in line.barcodes if (product := assortment.by_barcode.get(code))}
    if not found:
        raise Unpriceable("no product has this SKU or barcode")
    if len(found) > 1:
        raise Unpriceable("its barcodes stand for several products")
    return next(iter(found.values()))


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
