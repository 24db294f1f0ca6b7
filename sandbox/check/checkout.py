"""CheckoutCart. Amazon: checkout_service_testing, checkout_service, payment_processing.

Our readings: a price is that of one unit, so that a line costs price × quantity; deposits are part of what is paid.
Amazon's example, case 1, names a deposit of 0.05 that none of its totals holds.
A trip that is paid is not charged again: the same cart gets the same order, and another cart is never a second one.
"""

import json
from collections.abc import Sequence
from typing import Any, cast

from sandbox.check.cases import (
    EXPIRED,
    TOKEN_LIFE,
    UNKNOWN_TRIP,
    Bodies,
    Case,
    Make,
    Section,
    Step,
    Trip,
    begins,
    each,
    left_out,
    named,
    set_to,
    shown,
)
from sandbox.check.everywhere import UNKNOWN, door_cases, magic_trouble, token_missing, trip_cases, trouble_cases
from sandbox.check.payments import ADJUSTED, CANCELLED, CAPTURED
from sandbox.check.signing import Signing
from sandbox.connectivity.calls import Reply
from sandbox.connectivity.cases import TOO_LONG, Body, edited, one, same_answers, says_why, text_of, twice

ROUTE = "/v1/checkout/carts"
UNKNOWN_HERE = f"{UNKNOWN_TRIP}Exception"
NO_CONTENT = "CartContentValidationFailed"
ITEM = "lineItems.0"
PRICES = f"{ITEM}.unitPrice"
IDS = ("idempotentShoppingTripId", "storeId")
TOTALS = ("priceTotal", "subTotal", "promotionsTotal", "salesTaxTotal")


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currencyCode": "USD"}


def line(quantity: str, price: str, total: str, *, promotion: str = "", deposit: str = "", tax: str = "0.00") -> Body:
    """`total` is what one unit costs in the end."""
    unit: dict[str, Any] = {"totalPrice": money(total), "price": money(price), "salesTax": money(tax)}
    if deposit:
        fee = {"depositAndFeeAmount": money(deposit), "depositAndFeeDescription": "Bottle deposit"}
        unit["depositsAndFees"] = [fee | {"salesTax": money("0.00")}]
    if promotion:
        unit["promotions"] = [{"promotionAmount": money(promotion), "promotionDescription": "Discount"}]
    return {
        "productId": "835143001047",
        "type": "SKU",
        "quantity": {"value": quantity, "unit": "each"},
        "unitPrice": unit,
    }


def cart(lines: Sequence[Body], *totals: str) -> Make:
    """`totals`: price, sub-total, promotions, sales tax."""

    def make(trip: Trip) -> Body:
        return {
            "idempotentShoppingTripId": trip.id,
            "storeId": trip.store,
            "lineItems": list(lines),
            "orderTotals": {name: money(total) for name, total in zip(TOTALS, totals, strict=True)},
        }

    return make


PLAIN = cart([line("1.0", "1.00", "0.99", promotion="0.01")], "0.99", "1.00", "0.01", "0.00")
OTHER = cart([line("1.0", "2.00", "2.00")], "2.00", "2.00", "0.00", "0.00")
NOTHING = cart([line("0", "1.00", "1.00")], "0.00", "0.00", "0.00", "0.00")
CHECKED_OUT = (Step(ROUTE, PLAIN),)
PAID = shown(captures=1, captured="0.99")
UNTOUCHED = shown(captures=0, captured="0.00")


def ordered(replies: Sequence[Reply]) -> str:
    return next(filter(None, (text_of(reply.content or {}, "orderId") for reply in replies)), "")


def same_order(replies: Sequence[Reply]) -> str:
    return ordered(replies) or same_answers(replies)


def accepted(number: str, title: str, make: Make, paid: str) -> Case:
    return Case(number, title, one(make), (201,), ordered, books=shown(captures=1, captured=paid))


def turned_down(number: str, title: str, bodies: Bodies, **others: Any) -> Case:
    """Amazon's pages do not show these names in full."""
    return Case(number, title, bodies, (400,), **{"check": says_why, "books": UNTOUCHED} | others)


def priced(path: str, *amounts: str) -> Bodies:
    """The plain cart with another amount there, one after the other."""
    return set_to(PLAIN, path, *(money(amount) for amount in amounts))


EACH_FIELD = (
    "idempotentShoppingTripId",
    "storeId",
    "lineItems",
    f"{ITEM}.productId",
    f"{ITEM}.type",
    f"{ITEM}.quantity",
    f"{ITEM}.quantity.value",
    f"{ITEM}.quantity.unit",
    PRICES,
    f"{PRICES}.price",
    f"{PRICES}.price.amount",
    f"{PRICES}.price.currencyCode",
    f"{PRICES}.totalPrice",
    "orderTotals",
    "orderTotals.priceTotal.amount",
)
PROMOTION = f"{PRICES}.promotions.0.promotionAmount"
TWO_LINES = [line("1.0", "1.00", "1.08", tax="0.08"), line("2.0", "0.50", "0.45", promotion="0.05")]
EXAMPLE = [line("1.0", "1.00", "0.99", promotion="0.01", deposit="0.05")]
DEPOSIT = [line("1.0", "1.00", "1.04", promotion="0.01", deposit="0.05")]
ACCEPTED = (
    accepted("1", "Amazon's example", cart(EXAMPLE, "0.99", "1.00", "0.01", "0.00"), "0.99"),
    accepted("1-a", "with a deposit that is paid", cart(DEPOSIT, "1.04", "1.00", "0.01", "0.00"), "1.04"),
    accepted("1-b", "two lines, with tax", cart(TWO_LINES, "1.98", "2.00", "0.10", "0.08"), "1.98"),
    accepted("1-c", "three of an item", cart([line("3", "1.25", "1.25")], "3.75", "3.75", "0.00", "0.00"), "3.75"),
    accepted("1-d", "a weighed item", cart([line("0.750", "2.00", "2.00")], "1.50", "1.50", "0.00", "0.00"), "1.50"),
)
REPLAYS = (
    Case("1-e", "the same cart again: one order", twice(PLAIN), (201,), same_order, books=PAID),
    Case(
        "1-f", "the same cart twice at once: one order", twice(PLAIN), (201,), same_order, is_at_once=True, books=PAID
    ),
    Case("1-g", "the trip again with another cart", one(OTHER), (201, 400), before=CHECKED_OUT, books=PAID),
)
REFUSALS = (
    Case("2", "trip unknown", one(PLAIN), (400,), named(UNKNOWN_HERE), start=UNKNOWN),
    turned_down("3", "a required field missing", left_out(PLAIN, *EACH_FIELD)),
    turned_down("3-a", "salesTax missing", edited(PLAIN, f"{PRICES}.salesTax")),
    Case("4", "empty cart", edited(PLAIN, "lineItems", []), (400,), begins(NO_CONTENT), books=UNTOUCHED),
    turned_down("5", "priceTotal missing", edited(PLAIN, "orderTotals.priceTotal")),
    turned_down("6", "trip expired", one(PLAIN), check=named(EXPIRED), later=TOKEN_LIFE),
    Case("7", "not signed", one(PLAIN), (403,), token_missing, signing=Signing(is_missing=True), books=UNTOUCHED),
    turned_down("a", "more than two decimals", each(priced(f"{PRICES}.price", "1.001"), priced(PROMOTION, "0.010"))),
    turned_down(
        "b", "amounts that are no decimal texts", set_to(PLAIN, f"{PRICES}.price.amount", 1.0, "one", "", None)
    ),
    turned_down("c", "a quantity that is none", set_to(PLAIN, f"{ITEM}.quantity.value", 1, "one", "", "0", "-1", None)),
    turned_down("c-a", "a quantity of 0, and totals of 0", one(NOTHING)),
    turned_down("d", "a bad currency code", set_to(PLAIN, f"{PRICES}.price.currencyCode", "usd", "USDX", "", None)),
    turned_down("e", "two currencies", edited(PLAIN, f"{PRICES}.price.currencyCode", "GBP")),
    turned_down("f", "another currency than the hold's", lambda trip: [_in_pounds(PLAIN(trip))]),
    Case("g", "totalPrice is another sum", priced(f"{PRICES}.totalPrice", "1.00"), (400,), begins(NO_CONTENT)),
    turned_down("h", "a promotion that is added", priced(PROMOTION, "-0.01")),
    turned_down("i", "priceTotal is another sum", priced("orderTotals.priceTotal", "1.00", "0.98")),
    turned_down("j", "subTotal is another sum", priced("orderTotals.subTotal", "0.99")),
    turned_down("k", "promotionsTotal is another sum", priced("orderTotals.promotionsTotal", "0.00", "-0.01")),
    turned_down("l", "salesTaxTotal is another sum", priced("orderTotals.salesTaxTotal", "0.01")),
    turned_down("m", "the ids' format", each(*(set_to(PLAIN, name, "a b", "a.b", "", 5, None) for name in IDS))),
    turned_down("n", "over 255 characters", each(*(set_to(PLAIN, name, TOO_LONG) for name in IDS))),
)
OUT_OF_ORDER = (
    turned_down("o-a", "after the capture", one(PLAIN), before=CAPTURED, books=shown(captures=1, captured="25.99")),
    turned_down("o-b", "after the cancel", one(PLAIN), before=CANCELLED),
    turned_down("o-c", "after an adjust", one(PLAIN), before=ADJUSTED),
)


def _in_pounds(body: Body) -> Body:
    return cast(Body, json.loads(json.dumps(body).replace("USD", "GBP")))


CHECKING_OUT = Section(
    "checkout",
    "CheckoutCart",
    ROUTE,
    "checkout",
    (
        *ACCEPTED,
        *REPLAYS,
        *REFUSALS,
        *OUT_OF_ORDER,
        *trouble_cases(PLAIN, ("429", "8", "503"), untouched=UNTOUCHED),
        *door_cases(PLAIN, 201, untouched=UNTOUCHED, malformed=says_why),
        *trip_cases(PLAIN, UNKNOWN_HERE, malformed=says_why),
        *magic_trouble(PLAIN, 201),
    ),
)
