"""Calls of Amazon's as the tests of the journal make them, over HTTP. Apps above this one are named, not imported."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.http import HttpResponse

from amazon.models import InboundCall
from amazon.tests.bodies import Json

PURCHASES = "/v1/order/purchases"
KEY = "test-connector-key"
STORE = "DEMO-CARD"

Post = Callable[..., HttpResponse]


def model(name: str) -> type[Model]:
    return apps.get_model(name)


def a_store(external_id: str = STORE) -> Model:
    fields = {"region": "us-east-1", "time_zone": "America/New_York", "currency": "USD"}
    return model("stores.Store")._default_manager.create(external_id=external_id, name="Main Street", **fields)


def trips() -> Any:
    return model("orders.Trip")._default_manager.all()


def a_cart(store: str = STORE, **changes: Any) -> Json:
    return {
        "requestId": str(uuid.uuid4()),
        "idempotentShoppingTripId": str(uuid.uuid4()),
        "storeId": store,
        "shoppingTrip": {
            "startTime": "2026-01-05T09:00:00Z",
            "endTime": "2026-01-05T09:04:00Z",
            "authEvents": [{"id": str(uuid.uuid4()), "location": "ENTRY", "payloadType": "FINANCIAL"}],
        },
        "cartItems": [{"id": "WATER-500", "type": "SKU", "quantity": {"value": "1.0", "unit": "unit"}}],
        **changes,
    }


def a_call(**fields: Any) -> InboundCall:
    """A row of the journal: a cart that was refused."""
    known = {
        "at": datetime(2026, 1, 5, 9, 4, 1, tzinfo=UTC),
        "endpoint": PURCHASES,
        "caller": "key 1",
        "store_external_id": STORE,
        "body": "{}",
        "is_whole": True,
        "status": 400,
        "answer": '{"errorMsg":"requestId: is required"}',
        "duration_ms": 3,
    }
    return InboundCall.objects.create(**(known | fields))


def staff_with(*rights: str) -> Any:
    user = get_user_model().objects.create_user("clerk", password="not-a-secret", is_staff=True, sees_all_stores=True)
    for right in rights:
        app, codename = right.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user
