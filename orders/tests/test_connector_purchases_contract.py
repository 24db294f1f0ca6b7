"""The documented cases of POST /v1/order/purchases, numbered as Amazon numbers them.

Amazon: create_purchases_test_cases 1.x (accepted) and 3.x (refused).
"""

import re
from typing import Any

import pytest

from amazon.tests.bodies import changed, encoded
from orders.models import Cart, Trip
from orders.states import Entry
from orders.tests.amazon_carts import FAQ_CARTS, auth_event, cart, faq_cart, full_cart, item
from orders.tests.conftest import Post
from stores.models import Store

STORE = "DEMO-CARD"
CARD = auth_event("FINANCIAL")
SCAN = auth_event("SCAN_CODE")
LOYALTY = auth_event("SCAN_CODE", "MANUAL_IN_STORE", scanResult={"id": "LOY-1", "type": "LOYALTY"})


def with_events(*events: Any) -> Any:
    return changed(cart(STORE), "shoppingTrip.authEvents", list(events))


def scanned_as(kind: str) -> Any:
    return with_events(auth_event("SCAN_CODE", scanResult={"id": "shopper-1", "type": kind}))


ACCEPTED = {
    "1.1 single SKU sold by unit": cart(STORE),
    "1.2 several items": cart(STORE, item(), item("SANDWICH-BLT"), item("CRISPS")),
    "1.3 item sold by weight": cart(STORE, item("CHEESE", "0.347", "kg")),
    "1.4 SCANCODE item": cart(STORE, item("0123456789012", type="SCANCODE")),
    "1.5 external identifiers": cart(
        STORE,
        item(externalIdentifiers=[{"id": "1", "type": kind} for kind in ("UPC", "EAN", "BARCODE", "GTIN", "PLU")]),
    ),
    "1.6 lineItemId": cart(STORE, item(lineItemId="L1"), item(lineItemId="L2")),
    "1.8 card": with_events(CARD),
    "1.9 QR code": with_events(SCAN),
    "1.10 associate": scanned_as("ASSOCIATE"),
    "1.11 cash": scanned_as("CASH"),
    "1.12 loyalty": with_events(CARD, LOYALTY),
    "1.13 group": with_events(CARD, auth_event("FINANCIAL"), auth_event("FINANCIAL")),
    "1.14 MANUAL_IN_STORE": with_events(LOYALTY),
    "1.15 optional fields left out": with_events({"id": CARD["id"], "payloadType": "FINANCIAL"}),
    "every field of the contract": full_cart(STORE),
    "a 255-character SKU": cart(STORE, item("S" * 255)),
    "a 255-character trip id that is no UUID": cart(STORE, idempotentShoppingTripId="ACH-" + "1" * 251),
    "start equals end": changed(cart(STORE), "shoppingTrip.endTime", "2026-01-05T09:00:00Z"),
    "time with another offset": changed(cart(STORE), "shoppingTrip.startTime", "2026-01-05T10:00:00+01:00"),
    "a request id in capitals": cart(STORE, requestId="ABCDEF01-2222-3333-4444-555555555555"),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_documented_cart_is_accepted_and_stored_byte_for_byte(case: str, store: Store, post: Post) -> None:
    body = encoded(ACCEPTED[case])

    answer = post(body)

    trip = Trip.objects.get()
    assert (answer.status_code, answer.json()) == (201, {"purchaseId": trip.purchase_id})
    assert answer["Content-Type"] == "application/json"
    assert bytes(trip.cart.body) == body
    assert trip.purchase_id.startswith("P")
    assert trip.next_attempt_at is not None, "a stored cart is due to be priced at once"


def test_empty_cart_is_accepted_with_an_empty_purchase_id(store: Store, post: Post) -> None:  # 1.7
    answer = post(cart(STORE, cartItems=[]))

    assert (answer.status_code, answer.json()) == (201, {"purchaseId": ""})
    assert Trip.objects.get().item_count == 0


@pytest.mark.parametrize("name", FAQ_CARTS)
def test_cart_of_the_faq_is_accepted(name: str, store: Store, post: Post) -> None:
    body = faq_cart(name, store=STORE)

    answer = post(body)

    trip = Trip.objects.get(amazon_trip_id="41bc23b6-c9a8-41f4-8898-54120ddff5d9")
    assert answer.status_code == 201
    assert bytes(trip.cart.body) == body
    assert trip.entry == (Entry.APP if name == "cart_app_entry" else Entry.CARD)
    assert trip.shopper_id == "543b9872-2c75-4dcc-83ba-7d1a8c736279"


ENTRIES = {
    "a card at the gate": ([CARD], Entry.CARD),
    "a code at the gate": ([SCAN], Entry.APP),
    "a card at the gate and a loyalty code inside": ([CARD, LOYALTY], Entry.CARD),
    "a loyalty code inside and then a card at the gate": ([LOYALTY, CARD], Entry.CARD),
    "a code at the gate and a card at the exit": ([SCAN, auth_event("FINANCIAL", "EXIT")], Entry.APP),
    "no ENTRY event, a card anywhere": ([LOYALTY, auth_event("FINANCIAL", "EXIT")], Entry.CARD),
    "no ENTRY event, no card": ([LOYALTY], Entry.APP),
    "no event at all": ([], Entry.APP),
}


@pytest.mark.parametrize("case", ENTRIES)
def test_entry_is_told_by_the_event_at_the_gate(case: str, store: Store, post: Post) -> None:
    events, entry = ENTRIES[case]

    post(with_events(*events))

    assert Trip.objects.get().entry == entry


SPELLINGS = {
    "timestamp and location": {"timestamp": "2026-01-05T09:00:00Z", "location": "ENTRY"},
    "eventTimestamp in seconds and authLocation": {"eventTimestamp": 1741302201, "authLocation": "ENTRY"},
    "eventTimestamp in milliseconds": {"eventTimestamp": 1741302201000, "authLocation": "ENTRY"},
    "eventTimestamp with a fraction": {"eventTimestamp": 1741302201.5, "authLocation": "ENTRY"},
    "timestamp as a number": {"timestamp": 1741302201, "location": "ENTRY"},
    "both spellings": {"timestamp": "x", "eventTimestamp": 1, "location": "ENTRY", "authLocation": "ENTRY"},
    "one spelling null": {"eventTimestamp": 1741302201, "timestamp": None, "location": None, "authLocation": "ENTRY"},
}


@pytest.mark.parametrize("case", SPELLINGS)
def test_every_spelling_of_an_event_is_understood(case: str, store: Store, post: Post) -> None:
    card = {"id": CARD["id"], "payloadType": "FINANCIAL", **SPELLINGS[case]}

    answer = post(with_events(LOYALTY, card))

    assert answer.status_code == 201
    assert Trip.objects.get().entry == Entry.CARD


@pytest.mark.parametrize(("value", "status"), [(1, 201), (1.5, 201), (0, 201), (1234567890, 201), (12345678901, 400)])
def test_quantity_may_be_a_json_number(value: float, status: int, store: Store, post: Post) -> None:
    answer = post(changed(cart(STORE), "cartItems.0.quantity.value", value))

    assert answer.status_code == status


LONG = "x" * 256
EVENT = "shoppingTrip.authEvents.0"
ITEM = "cartItems.0"

# Case of Amazon's list: where the full cart is changed, and to what (`...` drops the field).
REFUSED: dict[str, tuple[str, Any]] = {
    "3.1 no requestId": ("requestId", ...),
    "3.2 bad requestId": ("requestId", "not-a-uuid"),
    "3.3 no idempotentShoppingTripId": ("idempotentShoppingTripId", ...),
    "3.4 no storeId": ("storeId", ...),
    "3.5 storeId too long": ("storeId", LONG),
    "3.6 no shoppingTrip": ("shoppingTrip", ...),
    "3.7 no startTime": ("shoppingTrip.startTime", ...),
    "3.8 no endTime": ("shoppingTrip.endTime", ...),
    "3.9 bad startTime": ("shoppingTrip.startTime", "5 January 2026"),
    "3.10 endTime before startTime": ("shoppingTrip.endTime", "2026-01-05T08:59:59Z"),
    "3.11 no authEvents": ("shoppingTrip.authEvents", ...),
    "3.12 no authEvent.id": (f"{EVENT}.id", ...),
    "3.13 bad authEvent.id": (f"{EVENT}.id", "not-a-uuid"),
    "3.14 authEvent.id too long": (f"{EVENT}.id", LONG),
    "3.15 no payloadType": (f"{EVENT}.payloadType", ...),
    "3.16 bad payloadType": (f"{EVENT}.payloadType", "PALM"),
    "3.17 bad location": (f"{EVENT}.location", "ROOF"),
    "3.17 bad authLocation": (f"{EVENT}.authLocation", "ROOF"),
    "3.18 no cartItems": ("cartItems", ...),
    "3.19 no item id": (f"{ITEM}.id", ...),
    "3.20 item id too long": (f"{ITEM}.id", LONG),
    "3.21 no item type": (f"{ITEM}.type", ...),
    "3.22 bad item type": (f"{ITEM}.type", "PRODUCE"),
    "3.23 no quantity": (f"{ITEM}.quantity", ...),
    "3.24 no quantity.value": (f"{ITEM}.quantity.value", ...),
    "3.25 quantity.value too long": (f"{ITEM}.quantity.value", "1.000000000"),
    "3.26 no quantity.unit": (f"{ITEM}.quantity.unit", ...),
    "3.27 bad identifier type": (f"{ITEM}.externalIdentifiers.0.type", "ISBN"),
    "3.28 identifier id too long": (f"{ITEM}.externalIdentifiers.0.id", LONG),
    "3.29 bad scanResult.type": ("shoppingTrip.authEvents.1.scanResult.type", "GUEST"),
    "3.30 scanResult.id too long": ("shoppingTrip.authEvents.1.scanResult.id", LONG),
    "3.31 shopperIdentity.id too long": ("shopperIdentity.id", LONG),
    "3.32 shopperDeviceId too long": ("shopperDeviceId", LONG),
    "3.33 lineItemId too long": (f"{ITEM}.lineItemId", LONG),
    "3.34 duplicate lineItemId": ("cartItems.1.lineItemId", "L1"),
    "bad endTime": ("shoppingTrip.endTime", "2026-13-05T09:00:00Z"),
    "trip id too long": ("idempotentShoppingTripId", LONG),
    "empty trip id": ("idempotentShoppingTripId", ""),
    "quantity in words": (f"{ITEM}.quantity.value", "three"),
    "quantity with an exponent": (f"{ITEM}.quantity.value", "1e3"),
    "quantity NaN": (f"{ITEM}.quantity.value", "NaN"),
    "quantity true": (f"{ITEM}.quantity.value", True),
    "unit too long": (f"{ITEM}.quantity.unit", LONG),
    "payment source too long": ("paymentSource.id", LONG),
    "cartItems is an object": ("cartItems", {}),
    "an item is a text": ("cartItems.1", "WATER-500"),
    "shoppingTrip is a list": ("shoppingTrip", []),
}


def named(path: str) -> str:
    """`cartItems.0.id` as an errorMsg spells it: `cartItems[0].id`."""
    return re.sub(r"\.(\d+)", r"[\1]", path)


@pytest.mark.parametrize("case", REFUSED)
def test_documented_fault_is_refused_and_the_field_named(case: str, store: Store, post: Post) -> None:
    path, value = REFUSED[case]

    answer = post(changed(full_cart(STORE), path, value))

    assert answer.status_code == 400
    assert list(answer.json()) == ["errorMsg"]
    field, colon, explanation = answer.json()["errorMsg"].partition(": ")
    assert field == named(path)
    assert colon
    assert explanation
    assert not Trip.objects.exists()
    assert not Cart.objects.exists()


@pytest.mark.parametrize("body", [b"", b"  \n", b"{}", b"null", b"[]", b'""', b"7"])  # 3.35
def test_empty_request_is_refused(body: bytes, store: Store, post: Post) -> None:
    answer = post(body)

    assert answer.status_code == 400
    assert answer.json()["errorMsg"]
    assert not Trip.objects.exists()


REQUIRED = [
    "requestId",
    "idempotentShoppingTripId",
    "storeId",
    "shoppingTrip",
    "shoppingTrip.startTime",
    "shoppingTrip.endTime",
    "shoppingTrip.authEvents",
    f"{EVENT}.id",
    f"{EVENT}.payloadType",
    "shoppingTrip.authEvents.1.scanResult.id",
    "shoppingTrip.authEvents.1.scanResult.type",
    "cartItems",
    f"{ITEM}.id",
    f"{ITEM}.type",
    f"{ITEM}.quantity",
    f"{ITEM}.quantity.value",
    f"{ITEM}.quantity.unit",
    f"{ITEM}.externalIdentifiers.0.id",
    f"{ITEM}.externalIdentifiers.0.type",
    "paymentSource.id",
]
OPTIONAL = [
    f"{EVENT}.timestamp",
    f"{EVENT}.location",
    "shoppingTrip.authEvents.1.scanResult",
    f"{ITEM}.externalIdentifiers",
    f"{ITEM}.lineItemId",
    "shopperIdentity",
    "shopperDeviceId",
    "paymentSource",
]


@pytest.mark.parametrize("path", REQUIRED)
def test_null_is_no_value_for_a_required_field(path: str, store: Store, post: Post) -> None:
    answer = post(changed(full_cart(STORE), path, None))

    assert answer.status_code == 400
    assert answer.json()["errorMsg"].startswith(f"{named(path)}: ")
    assert not Trip.objects.exists()


@pytest.mark.parametrize("path", OPTIONAL)
@pytest.mark.parametrize("value", [..., None], ids=["left out", "null"])
def test_optional_field_may_be_missing_or_null(path: str, value: Any, store: Store, post: Post) -> None:
    answer = post(changed(full_cart(STORE), path, value))

    assert answer.status_code == 201
