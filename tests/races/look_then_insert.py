"""The web process without its defence against duplicate carts: it looks whether the trip is known, then inserts it.

For the negative control of test_duplicate_carts.py. The statement of intake loses its ON CONFLICT, which cannot be
without the unique key, and gets in its place what everybody writes first: look, then act.
"""

from collections.abc import Sequence

from jwo_backoffice.rsgi import application
from orders.models import Trip
from orders.services import intake
from orders.services.intake import Arrived, Stored

__all__ = ["application"]

DEFENCE = "ON CONFLICT (amazon_trip_id) DO NOTHING"

assert DEFENCE in intake._INSERT_TRIPS_AND_CARTS
intake._INSERT_TRIPS_AND_CARTS = intake._INSERT_TRIPS_AND_CARTS.replace(DEFENCE, "")


insert_all = intake._insert_all


def look_then_insert(carts: Sequence[Arrived]) -> list[Stored | None]:
    return [
        None if Trip.objects.filter(amazon_trip_id=cart.trip_id).exists() else insert_all([cart])[0] for cart in carts
    ]


intake._insert_all = look_then_insert
