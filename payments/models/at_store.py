"""Where a row of a charge happened."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from stores.models import Store


class StoreOfCharge(models.ForeignKey):  # type: ignore[type-arg]
    """The store of the charge's trip, written down with the row: without it, the list of one store's rows would walk
    through the rows of all stores."""

    def __init__(self, **kwargs: Any) -> None:
        own: dict[str, Any] = {
            "to": Store,
            "on_delete": models.PROTECT,
            "related_name": "+",
            "editable": False,
            "verbose_name": _("store"),
            "db_index": False,
        }
        super().__init__(**(own | kwargs))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if add:
            setattr(model_instance, self.attname, model_instance.charge.trip.store_id)  # type: ignore[attr-defined]
        return super().pre_save(model_instance, add)
