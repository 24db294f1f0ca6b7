"""The bodies that Amazon would have sent for the demo's visits. Amazon: create_purchases, with the FAQ's spellings."""

import json
import uuid
from random import Random
from typing import Any

from demo.assortment import BARCODES, CARD, Article
from demo.visits import Fate, Visit
from orders.states import Entry

MOMENT = "%Y-%m-%dT%H:%M:%SZ"
# One card that never holds enough: documentation and manage.py connectivity_test know it.
DEBTORS_CARD = "DEMO-DEBTOR-CARD"
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
            "authEvents": _events(visit),
        },
        "cartItems": [_item(random, article, f"{quantity}") for article, quantity in visit.basket],
        "shopperIdentity": {"id": _shopper(visit)},
        "shopperDeviceId": _uuid(random),
    }


def body_of(cart: dict[str, Any]) -> bytes:
    return json.dumps(cart, separators=(",", ":")).encode()


def _events(visit: Visit) -> list[dict[str, Any]]:
    """The way in, and inside the loyalty card of a member who paid by card."""
    entry = _event(visit, "ENTRY", "SCAN_CODE" if visit.entry == Entry.APP else "FINANCIAL")
    if visit.member is None or visit.entry == Entry.APP:
        return [entry]
    scanned = {"scanResult": {"id": visit.member.loyalty_code, "type": "LOYALTY"}}
    return [entry, _event(visit, "MANUAL_IN_STORE", "SCAN_CODE") | scanned]


def _event(visit: Visit, place: str, payload_type: str) -> dict[str, Any]:
    return {
        "id": _uuid(visit.random),
        "eventTimestamp": int(visit.started_at.timestamp()),
        "authLocation": place,
        "payloadType": payload_type,
    }


def _shopper(visit: Visit) -> str:
    """By app, what the gate was told; by card, Amazon's own id for the card."""
    if visit.store == CARD and visit.fate == Fate.PARTLY_PAID:
        return DEBTORS_CARD
    is_known = visit.entry == Entry.APP and visit.member is not None
    return visit.member.external_id if is_known and visit.member else _uuid(visit.random)


def _item(random: Random, article: Article, quantity: str) -> dict[str, Any]:
    value = quantity if "." in quantity else f"{quantity}.0"
    item: dict[str, Any] = {"id": article.sku, "type": "SKU", "quantity": {"value": value, "unit": article.unit}}
    if code := BARCODES.get(article.sku):
        item["externalIdentifiers"] = [{"id": code, "type": BARCODE_TYPES[len(code)]}]
    return item | {"lineItemId": _uuid(random)}


def _uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))
