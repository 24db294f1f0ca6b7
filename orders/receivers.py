"""What happens here when the stores below us change."""

from typing import Any

from django.db.models.functions import Now
from django.dispatch import receiver

from orders.models import Trip
from orders.states import TripState
from stores.events import assortment_changed


@receiver(assortment_changed)
def price_trips_in_review_again(store_id: int, **kwargs: Any) -> None:
    """A new product, price or barcode may answer what keeps trips in review: make them due."""
    Trip.objects.filter(store_id=store_id, state=TripState.REVIEW).update(next_attempt_at=Now())
