"""What the rows of one transaction write: together at its end, in a statement for each table instead of each row.

Whoever writes through this module need not know whether others write beside them: without `written_together`, all of it
is written at once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from threading import local
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, Model, Value, When
from django.db.models.expressions import Expression
from django.db.models.functions import Cast

_of_this_thread = local()

_Which = tuple[type[Model], tuple[str, ...]]


class _Writes:
    """Each row once: of those that are the same by `unless` the first, of one that is updated twice its last state."""

    def __init__(self) -> None:
        self.updated: defaultdict[_Which, dict[object, Model]] = defaultdict(dict)
        self.inserted: defaultdict[_Which, dict[object, Model]] = defaultdict(dict)

    def write(self) -> None:
        for (model, fields), rows in self.updated.items():
            _update(model, fields, rows.values())
        for (model, unless), rows in self.inserted.items():
            _insert(model, unless, rows.values())
        self.updated.clear()
        self.inserted.clear()


@contextmanager
def written_together() -> Iterator[None]:
    """A transaction at whose end all is written that was given to this module meanwhile. Not within another such."""
    with transaction.atomic():
        _of_this_thread.writes = writes = _Writes()
        try:
            yield
            writes.write()
        finally:
            _of_this_thread.writes = None


def insert(row: Model, *, unless: tuple[str, ...] = ()) -> None:
    """Unless a row with the same values in these fields stands already; a unique key names them."""
    if writes := _gathered():
        same = tuple(getattr(row, name) for name in unless)
        writes.inserted[type(row), unless].setdefault(same or id(row), row)
    else:
        _insert(type(row), unless, [row])


def update(row: Model, *fields: str) -> None:
    """These fields of a row that stands and is locked."""
    if writes := _gathered():
        writes.updated[type(row), fields][row.pk] = row
    else:
        row.save(update_fields=fields)


def write_now() -> None:
    """For whoever is about to read what may have been written in this transaction."""
    if writes := _gathered():
        writes.write()


def _gathered() -> _Writes | None:
    return getattr(_of_this_thread, "writes", None)


def _insert(model: type[Model], unless: tuple[str, ...], rows: Collection[Model]) -> None:
    """A conflict writes nothing new over the same row; with any other constraint it still fails."""
    if unless:
        model._default_manager.bulk_create(rows, update_conflicts=True, unique_fields=unless, update_fields=unless[-1:])
    else:
        model._default_manager.bulk_create(rows)


def _update(model: type[Model], fields: Sequence[str], rows: Collection[Model]) -> None:
    values = {name: _value(model._meta.get_field(name), rows) for name in fields}
    model._default_manager.filter(pk__in=[row.pk for row in rows]).update(**values)


def _value(field: Any, rows: Collection[Model]) -> Any:
    """What all of the rows have there, or what each of them has; Django's bulk_update always compiles the latter."""
    alike: defaultdict[str, list[Model]] = defaultdict(list)
    for row in rows:
        alike[repr(getattr(row, field.attname))].append(row)
    values = [(getattr(same[0], field.attname), [row.pk for row in same]) for same in alike.values()]
    if len(values) == 1:
        return values[0][0]
    cases = [When(pk__in=pks, then=_as_expression(value, field)) for value, pks in values]
    case = Case(*cases, output_field=field)
    return Cast(case, output_field=field) if connection.features.requires_casted_case_in_updates else case


def _as_expression(value: object, field: Any) -> Expression:
    return value if isinstance(value, Expression) else Value(value, output_field=field)
