"""What happens here when the orders below us change."""

from typing import Any

from django.dispatch import receiver

from orders.events import trip_priced
from orders.models import Trip
from payments.services.collection import open_charge


@receiver(trip_priced)
def collect_priced_trip(trip: Trip, **kwargs: Any) -> None:
    open_charge(trip)
