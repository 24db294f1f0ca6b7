"""What is kept of all stores together for each day: sums from the rows of each, and which members came."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, Max, Sum

from core.fields import AmountField
from core.money import ZERO, rounded
from reports.models import EVERYWHERE, TABLES, DayEverywhere, EverywhereDay, MembersEverywhere, StoreDay
from reports.services.members_everywhere import who_came
from reports.services.sums import QUANTITY, summed
from stores.models import Store

# Of a row: what tells it apart, and then what is summed.
_Content = tuple[object, ...]
_LAST_PLACE = Decimal(1).scaleb(-QUANTITY.decimal_places)


@dataclass(frozen=True, slots=True)
class Sums:
    """A table in which the sums of a day are not what they should be."""

    model: type[DayEverywhere]
    day: date
    stands: set[_Content]
    wanted: set[_Content]


def sum_up(day: date) -> bool:
    """Put the sums of all tables in the place of those that stand, where they differ: also of those in which no row was
    replaced just now, for a worker may have ended after it had replaced some. Returns whether any differed."""
    differing = list(wrong_sums(day, TABLES))
    for found in differing:
        names = _names(found.model)
        found.model._default_manager.filter(day=day).delete()
        found.model._default_manager.bulk_create(
            [found.model(day=day, **dict(zip(names, row, strict=True))) for row in found.wanted]
        )
    return bool(differing)


def wrong_sums(day: date, tables: Collection[type[StoreDay]]) -> Iterator[Sums]:
    """Of these tables, and the members: who they are may change while the rows of the stores do not."""
    stores = list(Store.objects.order_by("pk").values_list("pk", flat=True))
    wanted: dict[type[DayEverywhere], set[_Content]] = {
        model: set(_summed(model, day, stores)) for of, model in EVERYWHERE.items() if of in tables
    }
    wanted[MembersEverywhere] = set(who_came(day))
    for model, rows in wanted.items():
        stands = {_plain(row) for row in model._default_manager.filter(day=day).values_list(*_names(model))}
        if stands != rows:
            yield Sums(model, day, stands, rows)


def _plain(row: Iterable[Any]) -> _Content:
    return tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)


def _names(model: type[DayEverywhere]) -> list[str]:
    """In the order of the values of a row."""
    attnames = {field.name: field.attname for field in model._meta.concrete_fields}
    return [attnames[name] for name in (*model.kinds, *model.measures)]


def _summed(model: type[EverywhereDay], day: date, stores: list[int]) -> Iterator[_Content]:
    """One statement. The stores are named, since the rows of a day are found by store first."""
    rows = model.of._default_manager.filter(store__in=stores, day=day).order_by()
    kinds = {f"of_{kind}": F(model.alike.get(kind, kind)) for kind in model.kinds}
    groups: Iterable[Any] = rows.values("day", **kinds).annotate(
        **{f"newest_{kind}": Max(kind) for kind in model.alike},
        **{f"sum_{measure}": _sum_of(model, measure) for measure in model.measures},
    )
    for group in groups:
        of_kind = [group[f"newest_{kind}" if kind in model.alike else f"of_{kind}"] for kind in model.kinds]
        sums = [_exact(model, measure, group) for measure in model.measures]
        yield (*of_kind, *sums)


def _sum_of(model: type[EverywhereDay], measure: str) -> Any:
    field = model.of._meta.get_field(measure)
    if isinstance(field, AmountField):
        return summed(measure)
    return Sum(measure, output_field=QUANTITY if isinstance(field, DecimalField) else None)


def _exact(model: type[EverywhereDay], measure: str, group: dict[str, Any]) -> Any:
    """SQLite adds in floating point."""
    value, field = group[f"sum_{measure}"], model.of._meta.get_field(measure)
    if isinstance(field, AmountField):
        return rounded(value, group["of_currency"])
    return value.quantize(_LAST_PLACE) + ZERO if isinstance(value, Decimal) else value
