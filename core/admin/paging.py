"""Pages of lists over large tables: no page costs more because the table is larger.

A list says “10,000+” instead of counting what nobody pages through, and its pages end there. “The newest 50 that fit”
has a trap: the database walks along the newest rows until 50 fit, and through all of them when few do. What the count
has found out decides how a page is read, so that it never walks far.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

MOST_COUNTED = 10_000
FEW = 1_000


class AtLeast(int):
    """A number that is known to be reached; it prints as `10,000+`."""

    def __str__(self) -> str:
        return f"{int(self):,}+"


def bounded_rows(rows: QuerySet[Any], most: int) -> QuerySet[Any]:
    """One more than is counted; the rows alone, so that nothing is added up for those that are not shown."""
    return rows.order_by().values("pk")[: most + 1]


def bounded(found: int, most: int) -> int:
    return AtLeast(most) if found > most else found


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """`branches` are the conditions that part the rows by store, where somebody sees a few of the stores."""

    object_list: QuerySet[Any]

    def __init__(
        self, rows: QuerySet[Any], per_page: int, *args: Any, branches: Sequence[Mapping[str, Any]] = (), **kwargs: Any
    ) -> None:
        super().__init__(rows, per_page, *args, **kwargs)
        self.branches = branches

    @cached_property
    def count(self) -> int:
        return bounded(bounded_rows(self.object_list, MOST_COUNTED).count(), MOST_COUNTED)

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        stop = min(start + self.per_page, self.count)
        return Page(self._read(start, stop), number, self)

    def _read(self, start: int, stop: int) -> QuerySet[Any]:
        rows = self.object_list
        if self.count <= FEW:
            # The count has just found them all: sort those, by themselves, and read the rest of what is shown.
            found = rows.select_related(None).filter(pk__in=bounded_rows(rows, FEW))
            return rows.filter(pk__in=found.values("pk")[start:stop])
        if self.branches:
            return rows.filter(pk__in=list(newest_of(rows, self.branches, start, stop)))
        if start:
            # What is skipped is read from the index alone.
            return rows.filter(pk__in=rows.values("pk")[start:stop])
        return rows[:stop]


def newest_of(rows: QuerySet[Any], branches: Sequence[Mapping[str, Any]], start: int, stop: int) -> list[Any]:
    """The keys of the rows from `start` to `stop`: the first of each store, along its index, and of those the first."""
    order = [str(name) for name in rows.query.order_by or rows.model._meta.ordering]
    columns = [name.lstrip("-") for name in order]
    first = [rows.filter(**branch).values_list("pk", *columns)[:stop] for branch in branches]
    found = first[0].union(*first[1:], all=True).order_by(*order)[start:stop]
    return [key for key, *_ in found]
