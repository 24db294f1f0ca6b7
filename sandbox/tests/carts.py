"""Priced carts as the checkout host takes them."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

from sandbox.tests.signed_calls import STORE


def money(amount: str, code: str = "USD") -> dict[str, str]:
    return {"amount": amount, "currencyCode": code}


def line(price: str, quantity: str = "1.0", unit: str = "each", **others: Any) -> dict[str, Any]:
    """Nothing on top unless `others` say so; `tax`, `promotion`, `fee` and `fee_tax` are amounts of one unit."""
    given = {name: Decimal(others.get(name, "0.00")) for name in ("tax", "promotion", "fee", "fee_tax")}
    total = Decimal(price) - given["promotion"] + given["tax"] + given["fee"] + given["fee_tax"]
    unit_price: dict[str, Any] = {
        "totalPrice": money(f"{total:.2f}"),
        "price": money(price),
        "salesTax": money(f"{given['tax']:.2f}"),
    }
    if "promotion" in others:
        unit_price["promotions"] = [{"promotionAmount": money(others["promotion"]), "promotionDescription": "Discount"}]
    if "fee" in others:
        unit_price["depositsAndFees"] = [
            {
                "depositAndFeeAmount": money(others["fee"]),
                "depositAndFeeDescription": "Bottle deposit",
                "salesTax": money(others.get("fee_tax", "0.00")),
            }
        ]
    quantity_of = {"value": quantity, "unit": unit}
    return {"productId": "835143001047", "type": "SKU", "quantity": quantity_of, "unitPrice": unit_price}


def cart(trip: str, *lines: dict[str, Any], totals: tuple[str, str, str, str]) -> dict[str, Any]:
    """`totals`: price, sub, promotions, sales tax."""
    names = ("priceTotal", "subTotal", "promotionsTotal", "salesTaxTotal")
    return {
        "idempotentShoppingTripId": trip,
        "storeId": STORE,
        "lineItems": list(lines),
        "orderTotals": {name: money(amount) for name, amount in zip(names, totals, strict=True)},
    }


def example(trip: str) -> dict[str, Any]:
    """Amazon's own (Amazon: checkout_service), but for the deposit, which its totals leave out."""
    return cart(trip, line("1.00", promotion="0.01"), totals=("0.99", "1.00", "0.01", "0.00"))


def changed(content: dict[str, Any], path: str, value: Any = None) -> dict[str, Any]:
    """A copy with another value at "lineItems.0.quantity", or without one there."""
    copy = deepcopy(content)
    *parents, name = [int(part) if part.isdigit() else part for part in path.split(".")]
    found: Any = copy
    for parent in parents:
        found = found[parent]
    if value is None:
        del found[name]
    else:
        found[name] = value
    return copy
