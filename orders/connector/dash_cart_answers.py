"""From priced items to the answers that a Dash Cart gets. Pure.

A line's price, its charges and its final price always add up: in a store whose prices hold the tax, the price is shown
without it when the tax is asked for, and with it when not.
"""

from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO, rounded
from orders.dash_cart_wire import (
    CartItemWithPrice,
    CartTotal,
    CartTotalV2,
    Charge,
    ConstraintViolation,
    Currency,
    DecimalMeasure,
    EchoedItem,
    Fee,
    GetProductResponse,
    LineItem,
    LinePrices,
    PreviewPurchaseRequest,
    PreviewPurchaseResponse,
    PreviewPurchaseV2Response,
    Product,
    ProductPricing,
    Tax,
    UnitPrice,
    UnitPrices,
)
from orders.pricing import Price
from orders.services.dash_cart import Preview
from orders.wire import CartItem
from stores import models as stores
from stores.models import Store


@dataclass(frozen=True, slots=True)
class _Shown:
    """A price as it is shown: `before` and the `tax` on it are `after`."""

    before: Decimal
    tax: Decimal
    after: Decimal


def product_answer(preview: Preview) -> GetProductResponse:
    ((item, product, price),) = preview.sold
    return GetProductResponse(_product(item, product, price, preview.store, with_tax=True), [])


def preview_v2(preview: Preview, request: PreviewPurchaseRequest) -> PreviewPurchaseV2Response:
    currency, with_tax = preview.store.currency, request.wants_taxes
    shown = _shown(preview.total, preview.store, with_tax=with_tax)
    price = _amount(shown.before, currency)
    total = CartTotalV2(final_price=_amount(shown.after, currency), price=price)
    if request.wants_promotions:
        total = CartTotalV2(
            total.final_price, price, total_discounts=_amount(ZERO, currency), discounted_subtotal=price
        )
    return PreviewPurchaseV2Response(
        line_items=[_line_item(*sold, preview.store, with_tax=with_tax) for sold in preview.sold],
        additional_subtotals=[
            _tax_charge(tax, rate, currency) for rate, tax in preview.tax_by_rate.items() if with_tax
        ],
        cart_total=total,
        constraint_violations=_violations(preview),
    )


def preview_v1(preview: Preview, request: PreviewPurchaseRequest) -> PreviewPurchaseResponse:
    currency, with_tax = preview.store.currency, request.wants_taxes
    shown = _shown(preview.total, preview.store, with_tax=with_tax)
    price, nothing = _amount(shown.before, currency), _amount(ZERO, currency)
    return PreviewPurchaseResponse(
        products=[_product(*sold, preview.store, with_tax=with_tax) for sold in preview.sold],
        promotions=[],
        taxes=[_tax(tax, rate, currency) for rate, tax in preview.tax_by_rate.items() if with_tax],
        deposit_and_fees=[],
        cart_total=CartTotal(
            price=price,
            promotion=nothing,
            discounted_price=price,
            tax=_amount(shown.tax, currency),
            amount=_amount(shown.after, currency),
            deposit_and_fee=Fee("Deposits and fees", nothing),
        ),
        constraint_violations=_violations(preview),
    )


def _product(item: CartItem, product: stores.Product, price: Price, store: Store, *, with_tax: bool) -> Product:
    taxes = [_tax(price.tax, product.tax_rate, store.currency)] if with_tax and price.tax else []
    return Product(
        id=item.id,
        type=item.type,
        quantity=_measure(item),
        pricing=ProductPricing(_amount(product.price, store.currency), _unit_price(product, store), taxes),
    )


def _line_item(item: CartItem, product: stores.Product, price: Price, store: Store, *, with_tax: bool) -> LineItem:
    shown = _shown(price, store, with_tax=with_tax)
    unit_price = _unit_price(product, store)
    return LineItem(
        cart_item_with_price=CartItemWithPrice(
            cart_item=_echo(item),
            price_totals=UnitPrices(final_unit_price=unit_price, base_unit_price=unit_price),
            tags={},
            description=product.name,
        ),
        charges=[_tax_charge(shown.tax, product.tax_rate, store.currency)] if shown.tax else [],
        price_totals=LinePrices(_amount(shown.after, store.currency), _amount(shown.before, store.currency)),
    )


def _shown(price: Price, store: Store, *, with_tax: bool) -> _Shown:
    if with_tax:
        return _Shown(price.net, price.tax, price.total)
    only = price.total if store.prices_include_tax else price.net
    return _Shown(only, ZERO, only)


def _violations(preview: Preview) -> list[ConstraintViolation]:
    return [ConstraintViolation("UNSUPPORTED_SALE", row.problem[:255], [_echo(row.item)]) for row in preview.unsold]


def _echo(item: CartItem) -> EchoedItem:
    return EchoedItem(item.id, item.type, _measure(item), item.external_identifiers, item.line_item_id)


def _measure(item: CartItem) -> DecimalMeasure:
    value = item.quantity.value
    return DecimalMeasure(value if isinstance(value, str) else f"{item.quantity.amount:f}", item.quantity.unit)


def _unit_price(product: stores.Product, store: Store) -> UnitPrice:
    """The price on the shelf."""
    return UnitPrice(_amount(product.price, store.currency), DecimalMeasure("1", product.unit))


def _tax(amount: Decimal, rate: Decimal, currency: str) -> Tax:
    return Tax(_tax_name(rate), _amount(amount, currency), percentage=Decimal(f"{rate.normalize():f}"))


def _tax_charge(amount: Decimal, rate: Decimal, currency: str) -> Charge:
    return Charge("TAX", _amount(amount, currency), tags={}, description=_tax_name(rate))


def _tax_name(rate: Decimal) -> str:
    return f"Tax {rate.normalize():f} %"


def _amount(amount: Decimal, currency: str) -> Currency:
    return Currency(rounded(amount, currency), currency)
