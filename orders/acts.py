"""What people do to trips and their money, found among the millions of events that nobody had a hand in."""

from typing import Any

from django.db import models

from core.actors import BY_PEOPLE, MACHINES
from stores.models import Store


class StoreOfAct(models.ForeignKey):  # type: ignore[type-arg]
    """The store at which a person did it. Empty where a machine did: nobody looks for that by store, and those who
    write it by the thousand need not ask."""

    def __init__(self, **kwargs: Any) -> None:
        own: dict[str, Any] = {
            "to": Store,
            "on_delete": models.PROTECT,
            "null": True,
            "related_name": "+",
            "editable": False,
            "db_index": False,
        }
        super().__init__(**(own | kwargs))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        event: Any = model_instance
        if add and event.actor not in MACHINES:
            trip = event.trip if hasattr(event, "trip_id") else event.charge.trip
            setattr(event, self.attname, trip.store_id)
        return super().pre_save(model_instance, add)


def act_indexes(name: str) -> list[models.Index]:
    """Of people's events alone: the newest of all, of one person, of one store."""
    newest = ["-at", "-id"]
    return [
        models.Index(fields=newest, name=f"{name}_by_people", condition=BY_PEOPLE),
        models.Index(fields=["actor", *newest], name=f"{name}_by_person", condition=BY_PEOPLE),
        models.Index(fields=["store", *newest], name=f"{name}_at_store", condition=BY_PEOPLE),
    ]
