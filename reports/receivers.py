"""What happens here when orders, members or products change."""

from collections.abc import Collection
from typing import Any

from django.db.models.signals import pre_save
from django.dispatch import receiver

from loyalty.events import member_anonymized
from loyalty.models import Member
from orders.events import trips_linked
from orders.models import Trip
from reports.services.changes import mark_product, mark_refusals_of, mark_trips
from stores.models import Product


@receiver(trips_linked)
def count_for_members(trips: Collection[Trip], **kwargs: Any) -> None:
    mark_trips(trips)


@receiver(member_anonymized)
def count_refusals_without_reasons(member: Member, ids: Collection[str], replacement: str, **kwargs: Any) -> None:
    """Whoever listened before may have replaced the ids already."""
    mark_refusals_of(member, {*ids, replacement})


@receiver(pre_save, sender=Product)
def count_under_the_new_sku(instance: Product, **kwargs: Any) -> None:
    if Product.objects.filter(pk=instance.pk).exclude(sku=instance.sku).exists():
        mark_product(instance)
