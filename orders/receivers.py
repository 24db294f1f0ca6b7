"""What happens here when the stores or the members below us change."""

from collections.abc import Collection
from typing import Any

from django.db.models.functions import Now
from django.dispatch import receiver

from loyalty.events import member_anonymized, member_known
from loyalty.models import Member
from orders.models import Trip
from orders.services.members import forget_member, link_trips_of
from orders.states import TripState
from stores.events import assortment_changed


@receiver(assortment_changed)
def price_trips_in_review_again(store_id: int, **kwargs: Any) -> None:
    """A new product, price or barcode may answer what keeps trips in review: make them due."""
    Trip.objects.filter(store_id=store_id, state=TripState.REVIEW).update(next_attempt_at=Now())


@receiver(member_known)
def link_trips_before_the_member(member: Member, ids: Collection[str], **kwargs: Any) -> None:
    link_trips_of(member, ids)


@receiver(member_anonymized)
def forget_whose_trips(member: Member, ids: Collection[str], replacement: str, **kwargs: Any) -> None:
    forget_member(member, ids=ids, replacement=replacement)
