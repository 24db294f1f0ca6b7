"""The cart that every program under test is sent: Amazon's card-entry shape with as many lines as asked for."""

import json
import uuid

from bench.load import COPIED_UUID_MARK, UUID_MARK
from bench.services import STORE_ID

PATH = "/v1/order/purchases"

# A retry of Amazon's has a new request id and the same trip id.
REQUEST_MARK = UUID_MARK
TRIP_MARK = COPIED_UUID_MARK


def cart_template(lines: int) -> str:
    """The JSON text with marks where the request id and the trip id go."""
    cart = {
        "requestId": REQUEST_MARK,
        "idempotentShoppingTripId": TRIP_MARK,
        "storeId": STORE_ID,
        "shoppingTrip": {
            "startTime": "2026-01-05T16:13:26Z",
            "endTime": "2026-01-05T16:17:28Z",
            "authEvents": [
                {
                    "id": "b49bee24-ae68-4bfd-bbbf-1793c4b6f40b",
                    "eventTimestamp": 1767629606,
                    "authLocation": "ENTRY",
                    "payloadType": "FINANCIAL",
                }
            ],
        },
        "cartItems": [
            {"id": f"SKU-{number:05d}", "type": "SKU", "quantity": {"value": "1.0", "unit": "unit"}}
            for number in range(1, lines + 1)
        ],
        "shopperIdentity": {"id": "543b9872-2c75-4dcc-83ba-7d1a8c736279"},
        "shopperDeviceId": "829ffe9d8d4d02fb767bee3a190f7d7e",
    }
    return json.dumps(cart, separators=(",", ":"))


def cart_body(template: str, trip_id: str) -> bytes:
    """One cart to send."""
    return template.replace(REQUEST_MARK, str(uuid.uuid4())).replace(TRIP_MARK, trip_id).encode()
