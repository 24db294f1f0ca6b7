"""The web process without its defence against duplicate carts: it looks whether the trip is known, then inserts it.

For the negative control of test_duplicate_carts.py. The statement of intake loses its ON CONFLICT, which cannot be
without the unique key, and gets in its place what everybody writes first: look, then act.
"""

from typing import Any

from jwo_backoffice.wsgi import application
from orders.models import Trip
from orders.services import intake
from orders.wire import CreatePurchasesRequest

__all__ = ["application"]

DEFENCE = "ON CONFLICT (amazon_trip_id) DO NOTHING"

assert DEFENCE in intake._INSERT_TRIP_AND_CART
intake._INSERT_TRIP_AND_CART = intake._INSERT_TRIP_AND_CART.replace(DEFENCE, "")
_insert = intake._insert


def look_then_insert(request: CreatePurchasesRequest, body: bytes) -> list[tuple[Any, ...]]:
    if Trip.objects.filter(amazon_trip_id=request.idempotent_shopping_trip_id).exists():
        return []
    return _insert(request, body)


intake._insert = look_then_insert
