"""From a stored cart to priced lines and a total, or into the review queue."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from amazon.tests.bodies import Json
from core.errors import Conflict, Invalid
from core.work import LeaseLost
from orders.events import trip_priced
from orders.models import Line, Trip, TripEvent
from orders.services.pricing import choose_product, price_trip
from orders.states import TripState
from orders.tasks import price_due
from orders.tests.amazon_carts import cart, item
from orders.tests.conftest import Post
from stores.events import assortment_changed
from stores.models import Barcode, Product, Store

STORE = "DEMO-CARD"
SoldAs = Callable[..., Product]


@pytest.fixture
def sandwich(store: Store) -> Product:
    return Product.objects.create(
        store=store, sku="SANDWICH-BLT", name="Sandwich", price=Decimal("6.25"), tax_rate=Decimal(10)
    )


@pytest.fixture
def cheese(store: Store) -> Product:
    return Product.objects.create(store=store, sku="CHEESE", name="Cheese", price=Decimal("12.99"), unit="kg")


@pytest.fixture
def news() -> Iterator[list[Trip]]:
    """The trips that the apps above were told to be priced."""
    told: list[Trip] = []

    def listen(trip: Trip, **kwargs: Any) -> None:
        told.append(trip)

    trip_priced.connect(listen)
    yield told
    trip_priced.disconnect(listen)


@pytest.fixture
def priced(post: Post) -> Callable[..., Trip]:
    """Send a cart with these items and let the task work."""

    def receive(*items: Json, **changes: Any) -> Trip:
        content = cart(STORE, *items, **changes)
        assert post(content).status_code == 201
        price_due()
        return Trip.objects.get(amazon_trip_id=content["idempotentShoppingTripId"])

    return receive


def problem_of(trip: Trip, position: int = 1) -> str:
    return trip.lines.get(position=position).problem


# --- Priced ---


def test_known_items_are_priced_and_the_apps_above_are_told(
    priced: Callable[..., Trip], water: Product, sandwich: Product, news: list[Trip]
) -> None:
    trip = priced(item("WATER-500", "2.0"), item("SANDWICH-BLT", lineItemId="L2"))

    assert trip.state == TripState.PRICED
    assert (trip.currency, trip.subtotal, trip.tax, trip.total) == (
        "USD",
        Decimal("9.25"),
        Decimal("0.63"),
        Decimal("9.88"),
    )
    first, second = trip.lines.all()
    assert (first.product, first.quantity, first.unit_price, first.tax, first.total) == (
        water,
        Decimal(2),
        Decimal("1.50"),
        Decimal(0),
        Decimal("3.00"),
    )
    assert (second.product, second.line_item_id, second.tax_rate, second.tax, second.total) == (
        sandwich,
        "L2",
        Decimal(10),
        Decimal("0.63"),
        Decimal("6.88"),
    )
    assert trip.next_attempt_at is None
    assert news == [trip]
    event = trip.events.get()
    assert (event.kind, event.amount) == (TripEvent.Kind.PRICED, Decimal("9.88"))


def test_prices_of_a_store_that_includes_tax_hold_it(
    priced: Callable[..., Trip], store: Store, sandwich: Product
) -> None:
    Store.objects.update(prices_include_tax=True)

    trip = priced(item("SANDWICH-BLT", "4"))

    assert (trip.subtotal, trip.tax, trip.total) == (Decimal("22.73"), Decimal("2.27"), Decimal("25.00"))


def test_weighed_item_is_priced_by_its_weight(priced: Callable[..., Trip], cheese: Product) -> None:
    trip = priced(item("CHEESE", "0.347", "KILOGRAM"))

    assert (trip.state, trip.total) == (TripState.PRICED, Decimal("4.51"))


def test_empty_cart_is_priced_at_zero(priced: Callable[..., Trip], store: Store, news: list[Trip]) -> None:
    trip = priced(cartItems=[])

    assert (trip.state, trip.total) == (TripState.PRICED, Decimal(0))
    assert news == [trip]


def test_same_item_on_two_lines_is_two_lines(priced: Callable[..., Trip], water: Product) -> None:
    trip = priced(item("WATER-500"), item("WATER-500"))

    assert (trip.lines.count(), trip.total) == (2, Decimal("3.00"))


def test_number_of_statements_does_not_grow_with_the_cart(post: Post, water: Product) -> None:
    counts = []
    for length in (1, 30):
        post(cart(STORE, *[item("WATER-500") for _ in range(length)]))
        trip = Trip.objects.latest("pk")
        with CaptureQueriesContext(connection) as queries:
            price_trip(trip.pk)
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- Which product an item is ---


def test_item_without_our_sku_is_found_by_its_barcode(priced: Callable[..., Trip], water: Product) -> None:
    Barcode.objects.create(product=water, code="0123456789012")

    trip = priced(
        item("AMAZON-ONLY", externalIdentifiers=[{"id": "x", "type": "PLU"}, {"id": "0123456789012", "type": "UPC"}])
    )

    assert trip.state == TripState.PRICED
    assert trip.lines.get().product == water


def test_sku_wins_over_barcodes(priced: Callable[..., Trip], water: Product, sandwich: Product) -> None:
    Barcode.objects.create(product=sandwich, code="1")

    trip = priced(item("WATER-500", externalIdentifiers=[{"id": "1", "type": "UPC"}]))

    assert trip.lines.get().product == water


def test_scanned_code_is_a_barcode_and_not_a_sku(
    priced: Callable[..., Trip], water: Product, sandwich: Product
) -> None:
    Barcode.objects.create(product=sandwich, code="WATER-500")

    trip = priced(item("WATER-500", type="SCANCODE"))

    assert trip.lines.get().product == sandwich


def test_two_barcodes_of_one_product_are_not_ambiguous(priced: Callable[..., Trip], water: Product) -> None:
    for code in ("1", "2"):
        Barcode.objects.create(product=water, code=code)

    trip = priced(item("?", externalIdentifiers=[{"id": "1", "type": "UPC"}, {"id": "2", "type": "EAN"}]))

    assert trip.state == TripState.PRICED


# --- The review queue ---


def two_barcodes(water: Product, sandwich: Product) -> Json:
    Barcode.objects.create(product=water, code="1")
    Barcode.objects.create(product=sandwich, code="2")
    return item("?", externalIdentifiers=[{"id": "1", "type": "UPC"}, {"id": "2", "type": "EAN"}])


UNPRICEABLE: dict[str, tuple[Callable[[Product, Product], Json], str]] = {
    "unknown SKU": (lambda water, sandwich: item("NOT-OURS"), "no product"),
    "SKU in other letters": (lambda water, sandwich: item("water-500"), "no product"),
    "unknown scanned code": (lambda water, sandwich: item("WATER-500", type="SCANCODE"), "no product"),
    "barcodes of two products": (two_barcodes, "several products"),
    "wrong unit": (lambda water, sandwich: item(unit="kg"), "sold by unit"),
    "negative quantity": (lambda water, sandwich: item(quantity="-1"), "negative"),
    "amount too large": (lambda water, sandwich: item(quantity="9999999999"), "too large"),
}


@pytest.mark.parametrize("case", UNPRICEABLE)
def test_trip_with_an_item_that_cannot_be_priced_waits_for_a_person(
    case: str, priced: Callable[..., Trip], water: Product, sandwich: Product, news: list[Trip]
) -> None:
    make, problem = UNPRICEABLE[case]

    trip = priced(item("SANDWICH-BLT"), make(water, sandwich))

    assert trip.state == TripState.REVIEW
    assert trip.total is None
    assert trip.next_attempt_at is None
    assert problem in problem_of(trip, 2)
    assert (problem_of(trip, 1), trip.lines.get(position=1).total) == ("", Decimal("6.88"))
    held = trip.events.get()
    assert held.kind == TripEvent.Kind.HELD
    assert problem in held.detail
    assert news == []


def test_total_beyond_what_we_store_waits_for_a_person(priced: Callable[..., Trip], water: Product) -> None:
    trip = priced(item(quantity="999999999"), item(quantity="999999999"))

    assert trip.state == TripState.REVIEW
    assert "total is too large" in trip.events.get().detail


def test_new_product_lets_the_trip_go_on(
    priced: Callable[..., Trip], store: Store, water: Product, news: list[Trip]
) -> None:
    trip = priced(item("WATER-500"), item("NEW"))

    product = Product.objects.create(store=store, sku="NEW", name="New", price=Decimal("2.00"))
    assortment_changed.send(Product, store_id=store.pk)
    assert price_due() == 1

    trip = Trip.objects.get()
    assert (trip.state, trip.total) == (TripState.PRICED, Decimal("3.50"))
    assert [line.product for line in trip.lines.all()] == [water, product]
    assert [line.problem for line in trip.lines.all()] == ["", ""]
    assert [event.kind for event in trip.events.all()] == [TripEvent.Kind.HELD, TripEvent.Kind.PRICED]
    assert news == [trip]


def test_change_that_does_not_help_leaves_the_trip_in_review_and_tells_it_once(
    priced: Callable[..., Trip], store: Store
) -> None:
    trip = priced(item("NEW"))

    for _ in range(3):
        assortment_changed.send(Product, store_id=store.pk)
        assert price_due() == 1

    assert Trip.objects.get().state == TripState.REVIEW
    assert trip.events.count() == 1
    assert trip.lines.count() == 1


def test_news_of_another_store_makes_nothing_due(priced: Callable[..., Trip], store: Store) -> None:
    trip = priced(item("NEW"))

    assortment_changed.send(Product, store_id=store.pk + 1)

    trip.refresh_from_db(fields=["next_attempt_at"])
    assert trip.next_attempt_at is None


def test_news_leaves_trips_alone_that_are_not_in_review(
    priced: Callable[..., Trip], store: Store, water: Product
) -> None:
    priced(item("WATER-500"))

    assortment_changed.send(Product, store_id=store.pk)

    assert price_due() == 0


# --- Staff say what an item was ---


def test_chosen_product_lets_the_trip_go_on(priced: Callable[..., Trip], water: Product, news: list[Trip]) -> None:
    trip = priced(item("MYSTERY", "3"), item("WATER-500"))

    choose_product(trip.lines.get(position=1), water, actor="manager")

    trip = Trip.objects.get()
    assert (trip.state, trip.total) == (TripState.PRICED, Decimal("6.00"))
    line = trip.lines.get(position=1)
    assert (line.sku, line.product, line.name, line.problem) == ("MYSTERY", water, "Water", "")
    kinds = [(event.kind, event.actor) for event in trip.events.all()]
    assert kinds == [
        (TripEvent.Kind.HELD, "system"),
        (TripEvent.Kind.PRODUCT_CHOSEN, "manager"),
        (TripEvent.Kind.PRICED, "system"),
    ]
    assert news == [trip]


def test_choice_that_leaves_questions_open_keeps_the_trip_in_review(
    priced: Callable[..., Trip], water: Product, news: list[Trip]
) -> None:
    trip = priced(item("MYSTERY"), item("RIDDLE"))

    choose_product(trip.lines.get(position=1), water, actor="manager")

    assert Trip.objects.get().state == TripState.REVIEW
    assert (problem_of(trip, 1), problem_of(trip, 2) != "") == ("", True)
    assert news == []


def test_choice_stands_when_the_assortment_changes_later(
    priced: Callable[..., Trip], store: Store, water: Product, sandwich: Product
) -> None:
    trip = priced(item("MYSTERY"), item("RIDDLE"))
    choose_product(trip.lines.get(position=1), water, actor="manager")

    Product.objects.create(store=store, sku="MYSTERY", name="M", price=Decimal(9))
    Product.objects.create(store=store, sku="RIDDLE", name="R", price=Decimal(1))
    assortment_changed.send(Product, store_id=store.pk)
    price_due()

    assert Trip.objects.get().total == Decimal("2.50")
    assert trip.lines.get(position=1).product == water


def test_chosen_product_of_another_unit_keeps_the_trip_in_review(priced: Callable[..., Trip], cheese: Product) -> None:
    trip = priced(item("MYSTERY"))

    choose_product(trip.lines.get(), cheese, actor="manager")

    assert Trip.objects.get().state == TripState.REVIEW
    assert "sold by kg" in problem_of(trip)


def test_product_of_another_store_is_refused(priced: Callable[..., Trip], store: Store) -> None:
    elsewhere = Store.objects.create(external_id="2", name="2", region="us-east-1", time_zone="UTC", currency="USD")
    product = Product.objects.create(store=elsewhere, sku="MYSTERY", name="M", price=Decimal(1))
    trip = priced(item("MYSTERY"))

    with pytest.raises(Invalid) as refusal:
        choose_product(trip.lines.get(), product, actor="manager")

    assert refusal.value.field == "product"
    assert trip.lines.get().product is None
    assert trip.events.count() == 1


def test_product_cannot_be_chosen_for_a_trip_that_is_priced(priced: Callable[..., Trip], water: Product) -> None:
    trip = priced(item("WATER-500"))

    with pytest.raises(Conflict):
        choose_product(trip.lines.get(), water, actor="manager")

    assert trip.events.count() == 1


# --- Once ---


def test_pricing_a_priced_trip_again_changes_nothing(
    priced: Callable[..., Trip], water: Product, news: list[Trip]
) -> None:
    trip = priced(item("WATER-500"))
    Product.objects.update(price=Decimal("99.00"))
    Trip.objects.update(next_attempt_at=Now())

    price_due()
    price_trip(trip.pk)

    assert Trip.objects.get().total == Decimal("1.50")
    assert Line.objects.get().unit_price == Decimal("1.50")
    assert trip.events.count() == 1
    assert news == [trip]


def test_worker_whose_lease_has_ended_prices_nothing(post: Post, water: Product, news: list[Trip]) -> None:
    post(cart(STORE))
    [first] = Trip.lease_due(10)
    Trip.objects.update(next_attempt_at=Now())
    Trip.lease_due(10)

    with pytest.raises(LeaseLost):
        price_trip(first.pk, first.lease_count)

    assert Trip.objects.get().state == TripState.RECEIVED
    assert news == []


def test_receiver_that_fails_leaves_the_trip_unpriced_and_due(post: Post, water: Product) -> None:
    def fail(**kwargs: Any) -> None:
        raise RuntimeError("the app above is broken")

    post(cart(STORE))
    trip_priced.connect(fail)
    try:
        price_due()
    finally:
        trip_priced.disconnect(fail)

    trip = Trip.objects.get()
    assert trip.state == TripState.RECEIVED
    assert not trip.lines.exists()
    assert "the app above is broken" in trip.last_error
    assert trip.next_attempt_at is not None
