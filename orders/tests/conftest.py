from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from amazon.tests.bodies import Json, encoded
from stores.models import Product, Store

PURCHASES = "/v1/order/purchases"
CONNECTOR_KEY = "test-connector-key"

Post = Callable[..., HttpResponse]


@pytest.fixture
def store(db: None) -> Store:
    return Store.objects.create(
        external_id="DEMO-CARD", name="Main Street", region="us-east-1", time_zone="America/New_York", currency="USD"
    )


@pytest.fixture
def water(store: Store) -> Product:
    return Product.objects.create(store=store, sku="WATER-500", name="Water", price=Decimal("1.50"))


@pytest.fixture
def post(client: Client) -> Post:
    """Send a cart as Amazon does; a dict is encoded, bytes go as they are."""

    def send(body: Json | bytes | list[Any], **options: Any) -> HttpResponse:
        options = {"CONTENT_TYPE": "application/json", "headers": {"x-api-key": CONNECTOR_KEY}} | options
        content = body if isinstance(body, bytes) else encoded(body)
        return client.generic("POST", PURCHASES, content, **options)

    return send
