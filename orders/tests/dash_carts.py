"""What a Dash Cart asks about prices, as the tests send it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.test import Client

from amazon.tests.bodies import Json, encoded
from orders.tests.amazon_carts import item

PRODUCT = "/v1/order/product"
PREVIEW_V1 = "/v1/order/products"
PREVIEW_V2 = "/v2/order/products"
KEY = "test-connector-key"
ALL_FEATURES = ["PRICING", "PROMOTIONS", "TAXES_FEES"]

Send = Callable[..., HttpResponse]


def sender(client: Client) -> Send:
    def send(path: str, body: Json | bytes, **options: Any) -> HttpResponse:
        options = {"CONTENT_TYPE": "application/json", "headers": {"x-api-key": KEY}} | options
        return client.generic("POST", path, body if isinstance(body, bytes) else encoded(body), **options)

    return send


def product_question(store: str, *, trip_id: str = "ACH-123456", **changes: Any) -> Json:
    """As a vendor's own test has it: a scanned code and a trip id that is no UUID."""
    scanned = {"id": "0123456789", "type": "SCANCODE", "quantity": {"value": "1", "unit": "unit"}, "lineItemId": "L1"}
    return {
        "storeId": store,
        "shoppingTripId": trip_id,
        "cartItem": scanned,
        "shopperIdentity": {"id": "shopper-1"},
        **changes,
    }


def preview_question(store: str, *items: Json, trip_id: str = "ACH-123456", **changes: Any) -> Json:
    return {
        "storeId": store,
        "shoppingTripId": trip_id,
        "requestOrigin": {"id": "cart-7", "type": "DASH_CART"},
        "featureSet": ALL_FEATURES,
        "cartItems": list(items),
        **changes,
    }


def full_preview_question(store: str, trip_id: str = "ACH-123456") -> Json:
    """One that uses every field."""
    water = item(externalIdentifiers=[{"id": "0123456789", "type": "UPC"}], lineItemId="L1")
    more = {"shopperIdentity": {"id": "shopper-1"}, "shopperDeviceId": "device-1"}
    return preview_question(store, water, item("MYSTERY", lineItemId="L2"), trip_id=trip_id, **more)
