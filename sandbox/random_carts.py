"""Carts as Amazon's gate would send them, of every kind that occurs (Amazon: create_purchases and its test cases)."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Literal
from uuid import UUID

from sandbox.shops import BARCODES, SOLD_BY_KILOGRAM, UNKNOWN_SKU, Shop, barcode_type

Cart = dict[str, Any]
PayloadType = Literal["FINANCIAL", "SCAN_CODE"]

EMPTY_SHARE = 0.06
UNKNOWN_SHARE = 0.02
SCANCODE_SHARE = 0.3
MOST_LINES = 8


def random_cart(
    dice: Random, shop: Shop, payload_type: PayloadType, *, people: int = 1, loyalty_code: str = ""
) -> Cart:
    """Everybody in a group enters with an event of their own; a loyalty code is scanned in the store."""
    ended_at = datetime.now(UTC) - timedelta(seconds=dice.randint(5, 40))
    started_at = ended_at - timedelta(seconds=dice.randint(40, 900))
    events = [_event(dice, started_at, "ENTRY", payload_type) for _ in range(people)]
    if loyalty_code:
        scanned_at = started_at + (ended_at - started_at) / 2
        scan = {"scanResult": {"id": loyalty_code, "type": "LOYALTY"}}
        events.append(_event(dice, scanned_at, "MANUAL_IN_STORE", "SCAN_CODE") | scan)
    return {
        "requestId": fresh_id(dice),
        "idempotentShoppingTripId": fresh_id(dice),
        "storeId": shop.store_id,
        "shoppingTrip": {
            "startTime": _iso(started_at),
            "endTime": _iso(ended_at),
            "authEvents": events,
        },
        "cartItems": _items(dice, shop),
        "shopperIdentity": {"id": fresh_id(dice)},
        "shopperDeviceId": f"{dice.getrandbits(128):032x}",
    }


def place_of(event: dict[str, Any]) -> Any:
    return event.get("location", event.get("authLocation"))


def fresh_id(dice: Random) -> str:
    return str(UUID(int=dice.getrandbits(128), version=4))


def _items(dice: Random, shop: Shop) -> list[dict[str, Any]]:
    if dice.random() < EMPTY_SHARE:
        return []
    skus = dice.sample(shop.skus, min(dice.randint(1, MOST_LINES), len(shop.skus)))
    items = [_item(dice, sku) for sku in skus]
    if dice.random() < UNKNOWN_SHARE:
        items.append(_item(dice, UNKNOWN_SKU))
    if dice.random() < 0.5:
        items = [item | {"lineItemId": f"L{number}"} for number, item in enumerate(items, start=1)]
    return items


def _item(dice: Random, sku: str) -> dict[str, Any]:
    barcode = BARCODES.get(sku)
    if barcode and dice.random() < SCANCODE_SHARE:
        return {"id": barcode, "type": "SCANCODE", "quantity": _quantity(dice, sku)}
    item: dict[str, Any] = {"id": sku, "type": "SKU", "quantity": _quantity(dice, sku)}
    if barcode:
        item["externalIdentifiers"] = [{"id": barcode, "type": barcode_type(barcode)}]
    return item


def _quantity(dice: Random, sku: str) -> dict[str, str]:
    if sku in SOLD_BY_KILOGRAM:
        return {"value": f"{dice.randint(100, 1500) / 1000:.3f}", "unit": "kg"}
    return {"value": "2.0" if dice.random() < 0.2 else "1.0", "unit": "unit"}


def _event(dice: Random, happened_at: datetime, place: str, payload_type: str) -> dict[str, Any]:
    """In either of Amazon's two spellings."""
    event: dict[str, Any] = {"id": fresh_id(dice), "payloadType": payload_type}
    if dice.random() < 0.5:
        return event | {"timestamp": _iso(happened_at), "location": place}
    return event | {"eventTimestamp": int(happened_at.timestamp()), "authLocation": place}


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
