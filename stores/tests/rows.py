"""Stores as tests need them."""

from typing import Any

from stores.models import Store


def a_store(name: str = "Corner shop", **fields: Any) -> Store:
    defaults = {"name": name, "region": "us-east-1", "time_zone": "America/New_York", "currency": "USD"}
    return Store.objects.get_or_create(external_id=name.replace(" ", "-").lower(), defaults=defaults | fields)[0]
