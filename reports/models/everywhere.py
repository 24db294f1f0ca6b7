"""The sums of all stores: what a page about all of them would otherwise add up from a row for each store and day.

Who sees all stores and chose none reads these (reports.services.reading), everybody else the rows of their stores.
"""

from copy import deepcopy
from typing import Any, ClassVar

from django.db import models

from core.fields import AmountField, CurrencyField
from core.money import DECIMAL_PLACES
from reports.models.gate import EntryDay, VisitDay
from reports.models.points import PointsDay
from reports.models.rollups import HourDay, OverviewDay, ProductDay, RefundDay, StoreDay, TripDay


class DayEverywhere(models.Model):
    """Of all stores on a day, which is each store's own. `kinds` tell its rows apart, `measures` are all else."""

    day = models.DateField(help_text="Each store's own.")

    kinds: ClassVar[tuple[str, ...]]
    measures: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True
        default_permissions = ()

    def __str__(self) -> str:
        return f"all stores on {self.day}"


class MembersEverywhere(DayEverywhere):
    """Which members came: nobody may be counted twice, so that days cannot be added up, but put together."""

    currency = CurrencyField(help_text="The store's.")
    members = models.BinaryField(help_text="Their keys in order, each in eight bytes.")

    kinds = ("currency",)
    measures = ("members",)

    class Meta(DayEverywhere.Meta):
        constraints = [models.UniqueConstraint(fields=["day", "currency"], name="one_memberseverywhere_per_currency")]


class EverywhereDay(DayEverywhere):
    """What the rows of all stores come to; made anew when one of them changes."""

    of: ClassVar[type[StoreDay]]
    # Kinds of which several are one here: by what they have in common. The newest of them stands for all.
    alike: ClassVar[dict[str, str]]

    class Meta(DayEverywhere.Meta):
        abstract = True

    @classmethod
    def knows(cls, columns: tuple[str, ...]) -> bool:
        """Whether it tells its rows apart by these columns: what is alike, only by what is in common."""
        return set(columns) <= {"day", *(cls.alike.get(kind, kind) for kind in cls.kinds)}


def _everywhere(of: type[StoreDay], *kinds: str, alike: dict[str, str] | None = None) -> type[EverywhereDay]:
    """The table of the sums of `of`, told apart by its currency and by no more of its columns than `kinds`."""
    names = [field.name for field in of._meta.concrete_fields]
    kinds = (*(name for name in names if name == "currency"), *kinds)
    told_apart = {"id", "day", *of._meta.constraints[0].fields}  # type: ignore[attr-defined]
    measures = tuple(name for name in names if name not in told_apart and name not in kinds)
    fields = {name: _wide(of._meta.get_field(name)) for name in (*kinds, *measures)}
    name = f"{of.__name__}Everywhere"
    key = f"one_{name.lower()}_per_kind"
    constraints = [models.UniqueConstraint(fields=["day", *kinds], name=key)]
    # The one above tells rows without one of these never apart.
    constraints += [
        models.UniqueConstraint(
            fields=["day", *(other for other in kinds if other != kind)],
            condition=models.Q(**{f"{kind}__isnull": True}),
            name=f"{key}_without_{kind}",
        )
        for kind in kinds
        if fields[kind].null
    ]
    meta = type("Meta", (EverywhereDay.Meta,), {"abstract": False, "constraints": constraints})
    about: dict[str, Any] = {"of": of, "kinds": kinds, "measures": measures, "alike": alike or {}}
    return type(name, (EverywhereDay,), {"__module__": __name__, "Meta": meta, **fields, **about})


def _wide(field: Any) -> Any:
    """Amounts of all stores together may be larger than one amount ever is."""
    if isinstance(field, AmountField):
        return models.DecimalField(max_digits=24, decimal_places=DECIMAL_PLACES)
    return deepcopy(field)


EVERYWHERE: dict[type[StoreDay], type[EverywhereDay]] = {
    TripDay: _everywhere(TripDay, "entry", "flow", "processor", "brand", "is_member", "state"),
    OverviewDay: _everywhere(OverviewDay),
    HourDay: _everywhere(HourDay, "oclock"),
    RefundDay: _everywhere(RefundDay, "reason", "person", "trip_day"),
    ProductDay: _everywhere(ProductDay, "product", "code", "unit", alike={"product": "product__sku"}),
    EntryDay: _everywhere(EntryDay, "door", "is_accepted", "is_associate", "is_fallback", "reason"),
    VisitDay: _everywhere(VisitDay),
    PointsDay: _everywhere(PointsDay),
}
