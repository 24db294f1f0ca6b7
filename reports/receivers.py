"""What happens here when orders, members or products change."""

from collections.abc import Collection
from typing import Any

from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver

from loyalty.events import member_anonymized
from loyalty.models import Member
from orders.events import trips_linked
from orders.models import Trip
from reports.services.changes import mark_product, mark_refusals_of, mark_trips
from stores.models import Product

_OLD_SKU = "_old_sku"


@receiver(trips_linked)
def count_for_members(trips: Collection[Trip], **kwargs: Any) -> None:
    mark_trips(trips)


@receiver(member_anonymized)
def count_refusals_without_reasons(member: Member, ids: Collection[str], replacement: str, **kwargs: Any) -> None:
    """Whoever listened before may have replaced the ids already."""
    mark_refusals_of(member, {*ids, replacement})


@receiver(pre_save, sender=Product)
def remember_the_old_sku(instance: Product, **kwargs: Any) -> None:
    known = Product.objects.filter(pk=instance.pk).values_list("sku", flat=True).first()
    instance.__dict__[_OLD_SKU] = known or instance.sku


@receiver(post_save, sender=Product)
def count_under_the_new_sku(instance: Product, **kwargs: Any) -> None:
    """Only now: outside a transaction the days would be folded with the old one before the new one is committed."""
    if instance.__dict__.pop(_OLD_SKU) != instance.sku:
        mark_product(instance)
