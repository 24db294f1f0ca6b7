"""A priced cart as the checkout host takes it (Amazon: checkout_service): every amount is text with two decimals.

Our reading, where Amazon says nothing: amounts are never negative (promotions are positive and subtracted), SKU is the
only type, a quantity is above 0, and an ill-formed field is BadRequestException as on the payments host.
"""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from sandbox.answers import CART_CONTENT, ORDER_TOTAL
from sandbox.validation import (
    CURRENCY,
    NAME,
    TEXT,
    Fields,
    TripRequest,
    read_list,
    read_object,
    read_text,
    require,
)

AMOUNT = re.compile(r"\d{1,9}\.\d{2}", re.ASCII)
QUANTITY = re.compile(r"\d{1,6}(\.\d{1,6})?", re.ASCII)
TYPES = re.compile("SKU")
TOTALS = ("priceTotal", "subTotal", "promotionsTotal", "salesTaxTotal")


@dataclass(frozen=True)
class UnitPrice:
    """Per unit. `sales_tax` is that of the item and of its deposits and fees; `fees` are without tax."""

    total: Decimal
    price: Decimal
    promotions: Decimal
    sales_tax: Decimal
    fees: Decimal


@dataclass(frozen=True)
class CartLine:
    quantity: Decimal
    unit_price: UnitPrice


@dataclass(frozen=True)
class OrderTotals:
    price: Decimal
    sub: Decimal
    promotions: Decimal
    sales_tax: Decimal


@dataclass(frozen=True)
class CartRequest(TripRequest):
    lines: tuple[CartLine, ...]
    totals: OrderTotals
    currency: str
    digest: str


def read_cart(body: object) -> CartRequest:
    fields = read_object(body)
    amounts = _Amounts()
    store_id, trip_id = read_text(fields, "storeId", NAME), read_text(fields, "idempotentShoppingTripId", NAME)
    lines = tuple(_read_line(line, amounts) for line in read_list(fields.get("lineItems")))
    totals = _read_totals(read_object(fields.get("orderTotals")), amounts)
    require(len(amounts.currencies) == 1, CART_CONTENT)
    return CartRequest(
        store_id=store_id,
        trip_id=trip_id,
        lines=lines,
        totals=totals,
        currency=amounts.currencies.pop(),
        digest=sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest(),
    )


class _Amounts:
    """Reads amounts, and remembers in which currencies they came."""

    def __init__(self) -> None:
        self.currencies: set[str] = set()

    def read(self, fields: Fields, name: str) -> Decimal:
        money = read_object(fields.get(name))
        self.currencies.add(read_text(money, "currencyCode", CURRENCY))
        return Decimal(read_text(money, "amount", AMOUNT))


def _read_line(content: object, amounts: _Amounts) -> CartLine:
    line = read_object(content)
    read_text(line, "productId", TEXT)
    read_text(line, "type", TYPES)
    quantity = read_object(line.get("quantity"))
    read_text(quantity, "unit", TEXT)
    count = Decimal(read_text(quantity, "value", QUANTITY))
    require(count > 0)
    return CartLine(count, _read_unit_price(read_object(line.get("unitPrice")), amounts))


def _read_unit_price(content: Fields, amounts: _Amounts) -> UnitPrice:
    promotions, fees = Decimal(), Decimal()
    sales_tax = amounts.read(content, "salesTax")
    for promotion in map(read_object, read_list(content.get("promotions", []))):
        read_text(promotion, "promotionDescription", TEXT)
        promotions += amounts.read(promotion, "promotionAmount")
    for fee in map(read_object, read_list(content.get("depositsAndFees", []))):
        read_text(fee, "depositAndFeeDescription", TEXT)
        fees += amounts.read(fee, "depositAndFeeAmount")
        if "salesTax" in fee:
            sales_tax += amounts.read(fee, "salesTax")
    return UnitPrice(
        total=amounts.read(content, "totalPrice"),
        price=amounts.read(content, "price"),
        promotions=promotions,
        sales_tax=sales_tax,
        fees=fees,
    )


def _read_totals(content: Fields, amounts: _Amounts) -> OrderTotals:
    """A total that is missing has an error of its own (Amazon: checkout_service_testing, title 5)."""
    require(all(content.get(name) is not None for name in TOTALS), ORDER_TOTAL)
    price, sub, promotions, sales_tax = (amounts.read(content, name) for name in TOTALS)
    return OrderTotals(price=price, sub=sub, promotions=promotions, sales_tax=sales_tax)
