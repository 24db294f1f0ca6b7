from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from amazon.tests.bodies import Json, encoded
from stores.models import Store

CONNECTOR_KEY = "test-connector-key"

Ask = Callable[..., HttpResponse]


@pytest.fixture
def store(db: None) -> Store:
    return Store.objects.create(
        external_id="DEMO-COMBO",
        name="Main Street",
        region="eu-west-1",
        time_zone="Europe/London",
        currency="GBP",
        loyalty_provider="Demo Rewards",
    )


@pytest.fixture
def ask(client: Client) -> Ask:
    """Call the connector as Amazon does; a dict is encoded, bytes go as they are."""

    def send(path: str, body: Json | bytes, **options: Any) -> HttpResponse:
        options = {"CONTENT_TYPE": "application/json", "headers": {"x-api-key": CONNECTOR_KEY}} | options
        return client.generic("POST", path, body if isinstance(body, bytes) else encoded(body), **options)

    return send
