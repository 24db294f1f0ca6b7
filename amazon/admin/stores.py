"""The stores, as far as lists of calls need them: of an app above this one, and so asked for by its name."""

from typing import Any

from django.apps import apps
from django.db.models import OuterRef, QuerySet, Subquery

from amazon.models import InboundCall


def with_store(calls: QuerySet[InboundCall]) -> QuerySet[InboundCall]:
    """With the `store_name` and the `time_zone` of the store that each names, or None where there is no such store."""
    named = _stores().filter(external_id=OuterRef("store_external_id"))
    return calls.annotate(
        store_name=Subquery(named.values("name")[:1]), time_zone=Subquery(named.values("time_zone")[:1])
    )


def store_choices(person: Any) -> list[tuple[str, str]]:
    """Of each store that this person sees the external id, and how staff know it."""
    stores = person.visible(_stores(), "pk").order_by("name", "external_id").values_list("external_id", "name")
    return [(external_id, f"{name} ({external_id})") for external_id, name in stores]


def _stores() -> QuerySet[Any]:
    stores: QuerySet[Any] = apps.get_model("stores", "Store")._default_manager.all()
    return stores
