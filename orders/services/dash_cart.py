"""What a Dash Cart is told while its shopper is under way: prices from the same code that prices the finished cart.

Only what the cart asks for (featureSet) is shown, but the total that is remembered is always the whole one: it is what
will be taken if no finished cart comes. No promotion and no deposit is known here; each is zero where it is asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from amazon.inbound.errors import NotFound
from amazon.wire import Malformed
from orders.models import DashCartTotal, Line
from orders.pricing import Price, Unpriceable, add_up
from orders.services.lines import lines_of, price_lines
from orders.wire import CartItem
from stores.connector import store_named
from stores.models import Product, Store


@dataclass(frozen=True, slots=True)
class PricedItem:
    """An item of Amazon's and what it costs; `problem` says why it cannot be sold, and then it has no price."""

    item: CartItem
    problem: str
    product: Product | None = None
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A cart under way. `total` is that of the items that can be sold."""

    store: Store
    items: list[PricedItem]
    total: Price

    @property
    def sold(self) -> list[tuple[CartItem, Product, Price]]:
        return [(row.item, row.product, row.price) for row in self.items if row.product and row.price]

    @property
    def unsold(self) -> list[PricedItem]:
        return [row for row in self.items if row.problem]

    @property
    def tax_by_rate(self) -> dict[Decimal, Decimal]:
        sums: dict[Decimal, Decimal] = {}
        for _, product, price in self.sold:
            if price.tax:
                sums[product.tax_rate] = sums.get(product.tax_rate, Decimal(0)) + price.tax
        return sums


def dash_cart_store(external_id: str) -> Store:
    """Raises Malformed for a store that is unknown or has no Dash Carts."""
    store = store_named(external_id)
    if not store.has_dash_cart:
        raise Malformed(f"storeId: store “{external_id}” has no Dash Carts; they are switched on in its settings")
    return store


def look_up(external_id: str, item: CartItem) -> Preview:
    """One scanned item and its price. Raises NotFound for what the store does not sell, and Malformed as above."""
    preview = _priced(dash_cart_store(external_id), [item])
    for row in preview.unsold:
        raise NotFound(f"cartItem: {item.id}: {row.problem}")
    return preview


def preview_cart(external_id: str, trip_id: str, items: Iterable[CartItem]) -> Preview:
    """The cart as it is now; what it costs is remembered. Raises Malformed as above."""
    preview = _priced(dash_cart_store(external_id), list(items))
    total = DashCartTotal(
        store=preview.store, amazon_trip_id=trip_id, total=preview.total.total, currency=preview.store.currency
    )
    DashCartTotal.objects.bulk_create(
        [total],
        update_conflicts=True,
        unique_fields=["store", "amazon_trip_id"],
        update_fields=["total", "currency", "updated_at"],
    )
    return preview


def _priced(store: Store, items: list[CartItem]) -> Preview:
    lines = lines_of(items)
    price_lines(lines, store)
    rows = [
        PricedItem(item, line.problem, line.product, _price_of(line)) for item, line in zip(items, lines, strict=True)
    ]
    try:
        total = add_up((row.price for row in rows if row.price), currency=store.currency)
    except Unpriceable as error:
        raise Malformed(f"cartItems: {error}") from error
    return Preview(store, rows, total)


def _price_of(line: Line) -> Price | None:
    return None if line.tax is None or line.total is None else Price(tax=line.tax, total=line.total)
