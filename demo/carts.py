"""The bodies that Amazon would have sent for the demo's visits. Amazon: create_purchases, with the FAQ's spellings."""

import json
import uuid
from random import Random
from typing import Any

from demo.assortment import BARCODES, Article
from demo.visits import Visit
from orders.states import Entry

MOMENT = "%Y-%m-%dT%H:%M:%SZ"
BARCODE_TYPES = {12: "UPC", 13: "EAN"}


def cart_of(visit: Visit) -> dict[str, Any]:
    random = visit.random
    return {
        "requestId": _uuid(random),
        "idempotentShoppingTripId": visit.amazon_trip_id,
        "storeId": visit.store,
        "shoppingTrip": {
            "startTime": visit.started_at.strftime(MOMENT),
            "endTime": visit.ended_at.strftime(MOMENT),
            "authEvents": [
                {
                    "id": _uuid(random),
                    "eventTimestamp": int(visit.started_at.timestamp()),
                    "authLocation": "ENTRY",
                    "payloadType": "SCAN_CODE" if visit.entry == Entry.APP else "FINANCIAL",
                }
            ],
        },
        "cartItems": [_item(random, article, f"{quantity}") for article, quantity in visit.basket],
        "shopperIdentity": {"id": _uuid(random)},
        "shopperDeviceId": _uuid(random),
    }


def body_of(cart: dict[str, Any]) -> bytes:
    return json.dumps(cart, separators=(",", ":")).encode()


def _item(random: Random, article: Article, quantity: str) -> dict[str, Any]:
    value = quantity if "." in quantity else f"{quantity}.0"
    item: dict[str, Any] = {"id": article.sku, "type": "SKU", "quantity": {"value": value, "unit": article.unit}}
    if code := BARCODES.get(article.sku):
        item["externalIdentifiers"] = [{"id": code, "type": BARCODE_TYPES[len(code)]}]
    return item | {"lineItemId": _uuid(random)}


def _uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))
