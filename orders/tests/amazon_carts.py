"""Amazon's carts as the tests send them: those of the FAQ, and one that fills every field of the contract."""

import uuid
from pathlib import Path
from typing import Any

from amazon.tests.bodies import Json

PAYLOADS = Path(__file__).parent / "payloads"
FAQ_CARTS = ["cart_app_entry", "cart_card_entry", "cart_card_entry_with_loyalty"]


def faq_cart(name: str, *, store: str, sku: str = "WATER-500", loyalty: str = "LOYALTY-1") -> bytes:
    """One of Amazon's FAQ carts, its placeholders replaced and nothing else touched."""
    text = (PAYLOADS / f"{name}.json").read_text()
    values = {"<INSERT_STORE_ID>": store, "<TEST_SKU>": sku, "<SAMPLE_SKU>": sku, "<INSERT_LOYALTY>": loyalty}
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text.encode()


def item(sku: str = "WATER-500", quantity: str = "1.0", unit: str = "unit", **more: Any) -> Json:
    return {"id": sku, "type": "SKU", "quantity": {"value": quantity, "unit": unit}, **more}


def auth_event(payload_type: str = "FINANCIAL", location: str = "ENTRY", **more: Any) -> Json:
    return {
        "id": str(uuid.uuid4()),
        "timestamp": "2026-01-05T09:00:00Z",
        "location": location,
        "payloadType": payload_type,
        **more,
    }


def cart(store: str, *items: Json, **changes: Any) -> Json:
    """The smallest cart of a new trip, by card."""
    return {
        "requestId": str(uuid.uuid4()),
        "idempotentShoppingTripId": str(uuid.uuid4()),
        "storeId": store,
        "shoppingTrip": {
            "startTime": "2026-01-05T09:00:00Z",
            "endTime": "2026-01-05T09:04:00Z",
            "authEvents": [auth_event()],
        },
        "cartItems": list(items) or [item()],
        **changes,
    }


def full_cart(store: str) -> Json:
    """A cart that uses every field of the contract."""
    content = cart(
        store,
        item(
            quantity="2.0",
            externalIdentifiers=[{"id": "0123456789012", "type": "UPC"}, {"id": "4011", "type": "PLU"}],
            lineItemId="L1",
        ),
        item("SANDWICH-BLT", lineItemId="L2"),
        shopperIdentity={"id": "shopper-1"},
        shopperDeviceId="829ffe9d8d4d02fb767bee3a190f7d7e",
        paymentSource={"id": "source-1"},
    )
    loyalty = auth_event("SCAN_CODE", "MANUAL_IN_STORE", scanResult={"id": "LOY-1", "type": "LOYALTY"})
    content["shoppingTrip"]["authEvents"].append(loyalty)
    return content
