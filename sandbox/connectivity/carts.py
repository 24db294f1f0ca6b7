"""Carts of every documented kind, each for a trip of its own. Amazon: create_purchases; the spellings of its faq."""

from datetime import timedelta
from time import time
from typing import Any

from sandbox.connectivity.cases import Body, Stage, fresh_id, now

BARCODE = "012345678905"


def cart(stage: Stage) -> Body:
    """A card entry with one item sold by unit."""
    return {
        "requestId": fresh_id(),
        "idempotentShoppingTripId": fresh_id(),
        "storeId": stage.setup.store,
        "shoppingTrip": {
            "startTime": now(timedelta(minutes=-4)),
            "endTime": now(),
            "authEvents": [entry("FINANCIAL")],
        },
        "cartItems": [item(stage.setup.sku)],
        "shopperIdentity": {"id": fresh_id()},
        "shopperDeviceId": fresh_id().replace("-", ""),
    }


def entry(payload_type: str, scan_type: str = "") -> Body:
    event = {"id": fresh_id(), "timestamp": now(), "location": "ENTRY", "payloadType": payload_type}
    return event | ({"scanResult": {"id": fresh_id(), "type": scan_type}} if scan_type else {})


def epoch_entry(payload_type: str) -> Body:
    """As in the FAQ: other names, and seconds since 1970."""
    event = {"id": fresh_id(), "eventTimestamp": int(time()), "authLocation": "ENTRY"}
    return event | {"payloadType": payload_type}


def in_store_scan() -> Body:
    event = {"id": fresh_id(), "eventTimestamp": int(time()), "authLocation": "MANUAL_IN_STORE"}
    return event | {
        "payloadType": "SCAN_CODE",
        "scanResult": {"id": "1111-2222-3333-4444-5555-6666", "type": "LOYALTY"},
    }


def item(sku: str, value: str = "1.0", unit: str = "unit", **others: Any) -> Body:
    return {"id": sku, "type": "SKU", "quantity": {"value": value, "unit": unit}} | others


def with_events(stage: Stage, *events: Body) -> Body:
    body = cart(stage)
    return body | {"shoppingTrip": body["shoppingTrip"] | {"authEvents": list(events)}}


def with_items(stage: Stage, *items: Body) -> Body:
    return cart(stage) | {"cartItems": list(items)}


def numbered(stage: Stage) -> Body:
    return with_items(stage, item(stage.setup.sku, lineItemId="L1"), item(stage.setup.sku, lineItemId="L2"))


def identified(stage: Stage) -> Body:
    return with_items(stage, item(stage.setup.sku, externalIdentifiers=[{"id": BARCODE, "type": "UPC"}]))


def scanned_barcode(stage: Stage) -> Body:
    return with_items(stage, item(BARCODE) | {"type": "SCANCODE"})


def several(stage: Stage) -> Body:
    return with_items(stage, item(stage.setup.sku, "2.0"), item(BARCODE) | {"type": "SCANCODE"})


def weighed(stage: Stage) -> Body:
    return with_items(stage, item(stage.setup.weight_sku, "0.742", stage.setup.weight_unit))


def nothing_taken(stage: Stage) -> Body:
    return with_items(stage)


def with_unknown_item(stage: Stage) -> Body:
    return with_items(stage, item("NO-SUCH-ITEM"), item(stage.setup.sku))


def app_entry(stage: Stage) -> Body:
    return with_events(stage, entry("SCAN_CODE"))


def associate(stage: Stage) -> Body:
    return with_events(stage, entry("SCAN_CODE", "ASSOCIATE"))


def paid_in_cash(stage: Stage) -> Body:
    return with_events(stage, entry("SCAN_CODE", "CASH"))


def with_loyalty(stage: Stage) -> Body:
    return with_events(stage, entry("FINANCIAL", "LOYALTY"))


def group(stage: Stage) -> Body:
    return with_events(stage, entry("SCAN_CODE", "SHOPPER"), entry("SCAN_CODE", "SHOPPER"))


def scanned_in_store(stage: Stage) -> Body:
    return with_events(stage, entry("FINANCIAL"), in_store_scan())


def required_only(stage: Stage) -> Body:
    body = with_events(stage, {"id": fresh_id(), "payloadType": "FINANCIAL"})
    del body["shopperIdentity"], body["shopperDeviceId"]
    return body


def faq_app_entry(stage: Stage) -> Body:
    return with_events(stage, epoch_entry("SCAN_CODE"))


def faq_card_entry(stage: Stage) -> Body:
    return with_events(stage, epoch_entry("FINANCIAL"))


def faq_card_entry_with_loyalty(stage: Stage) -> Body:
    return with_events(stage, epoch_entry("FINANCIAL"), in_store_scan())
