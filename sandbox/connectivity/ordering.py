"""CreatePurchases. Amazon: create_purchases, create_purchases_test_cases, faq."""

from collections.abc import Callable, Sequence

from sandbox.connectivity import carts
from sandbox.connectivity.calls import Reply
from sandbox.connectivity.cases import (
    NOT_A_UUID,
    TOO_LONG,
    Body,
    Case,
    Section,
    Stage,
    common_cases,
    edited,
    empty,
    fresh_id,
    one,
    refused,
    text_of,
    twice,
)

ROUTE = "/v1/order/purchases"
EVENT = "shoppingTrip.authEvents.0"
ITEM = "cartItems.0"


def accepted(number: str, title: str, make: Callable[[Stage], Body]) -> Case:
    return Case(number, title, one(make), (201,), purchase)


def bad(number: str, title: str, path: str, value: object) -> Case:
    return refused(number, title, edited(carts.cart, path, value))


def missing(number: str, title: str, path: str) -> Case:
    return refused(number, title, edited(carts.cart, path))


def retried(stage: Stage) -> Sequence[Body]:
    body = carts.cart(stage)
    return [body, body | {"requestId": fresh_id()}]


def changed(stage: Stage) -> Sequence[Body]:
    body = carts.cart(stage)
    return [body, body | {"requestId": fresh_id(), "cartItems": [carts.item(stage.setup.sku, "3.0")]}]


def backwards(stage: Stage) -> Sequence[Body]:
    body = carts.cart(stage)
    trip = body["shoppingTrip"]
    return [body | {"shoppingTrip": trip | {"startTime": trip["endTime"], "endTime": trip["startTime"]}}]


def purchase(replies: Sequence[Reply]) -> str:
    """An empty cart is no purchase: its id may be empty (Amazon: cc_checkout_service_store_war)."""
    for reply in replies:
        if reply.content is None:
            return "the answer is not a JSON object"
        if fault := text_of(reply.content, "purchaseId", may_be_empty=True):
            return fault
    return ""


def one_purchase(replies: Sequence[Reply]) -> str:
    if fault := purchase(replies):
        return fault
    ids = {str((reply.content or {})["purchaseId"]) for reply in replies}
    if ids == {""}:
        return "purchaseId is empty"
    return "" if len(ids) == 1 else f"one trip has {len(ids)} purchases: {', '.join(sorted(ids))}"


TAKEN_IN = (
    *common_cases(carts.cart, "shoppingTrip", 201),
    accepted("1.1", "one SKU sold by unit", carts.cart),
    accepted("1.2", "several items", carts.several),
    accepted("1.3", "an item sold by weight", carts.weighed),
    accepted("1.4", "a SCANCODE item", carts.scanned_barcode),
    accepted("1.5", "with externalIdentifiers", carts.identified),
    accepted("1.6", "with lineItemId", carts.numbered),
    accepted("1.7", "empty cart", carts.nothing_taken),
    accepted("1.8", "card entry (FINANCIAL)", carts.cart),
    accepted("1.9", "app entry (SCAN_CODE)", carts.app_entry),
    accepted("1.10", "associate's trip", carts.associate),
    accepted("1.11", "cash shopper's trip", carts.paid_in_cash),
    accepted("1.12", "loyalty trip", carts.with_loyalty),
    accepted("1.13", "a group: several auth events", carts.group),
    accepted("1.14", "a MANUAL_IN_STORE event", carts.scanned_in_store),
    accepted("1.15", "optional fields omitted", carts.required_only),
    accepted("faq-1", "the FAQ's app entry", carts.faq_app_entry),
    accepted("faq-2", "the FAQ's card entry", carts.faq_card_entry),
    accepted("faq-3", "the FAQ's card entry with loyalty", carts.faq_card_entry_with_loyalty),
    accepted("faq-4", "an item that nobody knows", carts.with_unknown_item),
)
IDEMPOTENT = (
    Case("2-a", "the same request again: one purchase", twice(carts.cart), (201,), one_purchase),
    Case("2-b", "the same cart with a new requestId", retried, (201,), one_purchase),
    Case("2-c", "the same trip with another cart", changed, (201,), one_purchase),
    Case("2-d", "the same request twice at once", twice(carts.cart), (201,), one_purchase, is_at_once=True),
)
TURNED_DOWN = (
    missing("3.1", "requestId missing", "requestId"),
    bad("3.2", "requestId is not a UUID", "requestId", NOT_A_UUID),
    missing("3.3", "idempotentShoppingTripId missing", "idempotentShoppingTripId"),
    missing("3.4", "storeId missing", "storeId"),
    bad("3.5", "storeId over 255 characters", "storeId", TOO_LONG),
    missing("3.6", "shoppingTrip missing", "shoppingTrip"),
    missing("3.7", "startTime missing", "shoppingTrip.startTime"),
    missing("3.8", "endTime missing", "shoppingTrip.endTime"),
    bad("3.9", "startTime is no time", "shoppingTrip.startTime", "yesterday"),
    refused("3.10", "endTime before startTime", backwards),
    missing("3.11", "authEvents missing", "shoppingTrip.authEvents"),
    missing("3.12", "authEvent.id missing", f"{EVENT}.id"),
    bad("3.13", "authEvent.id is not a UUID", f"{EVENT}.id", NOT_A_UUID),
    bad("3.14", "authEvent.id over 255 characters", f"{EVENT}.id", TOO_LONG),
    missing("3.15", "payloadType missing", f"{EVENT}.payloadType"),
    bad("3.16", "payloadType not in the list", f"{EVENT}.payloadType", "BARTER"),
    bad("3.17", "location not in the list", f"{EVENT}.location", "ROOF"),
    missing("3.18", "cartItems missing", "cartItems"),
    missing("3.19", "item id missing", f"{ITEM}.id"),
    bad("3.20", "item id over 255 characters", f"{ITEM}.id", TOO_LONG),
    missing("3.21", "item type missing", f"{ITEM}.type"),
    bad("3.22", "item type not in the list", f"{ITEM}.type", "THING"),
    missing("3.23", "quantity missing", f"{ITEM}.quantity"),
    missing("3.24", "quantity.value missing", f"{ITEM}.quantity.value"),
    bad("3.25", "quantity.value over 10 characters", f"{ITEM}.quantity.value", "1.000000000"),
    missing("3.26", "quantity.unit missing", f"{ITEM}.quantity.unit"),
    bad("3.27", "externalIdentifiers type not in the list", f"{ITEM}.externalIdentifiers", [{"id": "1", "type": "X"}]),
    bad(
        "3.28",
        "externalIdentifiers id over 255 characters",
        f"{ITEM}.externalIdentifiers",
        [{"id": TOO_LONG, "type": "UPC"}],
    ),
    bad("3.29", "scanResult.type not in the list", f"{EVENT}.scanResult", {"id": "1", "type": "GHOST"}),
    bad("3.30", "scanResult.id over 255 characters", f"{EVENT}.scanResult", {"id": TOO_LONG, "type": "LOYALTY"}),
    bad("3.31", "shopperIdentity.id over 255 characters", "shopperIdentity.id", TOO_LONG),
    bad("3.32", "shopperDeviceId over 255 characters", "shopperDeviceId", TOO_LONG),
    bad("3.33", "lineItemId over 255 characters", f"{ITEM}.lineItemId", TOO_LONG),
    refused("3.34", "the same lineItemId twice", edited(carts.numbered, "cartItems.1.lineItemId", "L1")),
    refused("3.35", "empty body", empty),
)
ORDERING = Section("ordering", "CreatePurchases", ROUTE, (*TAKEN_IN, *IDEMPOTENT, *TURNED_DOWN))
