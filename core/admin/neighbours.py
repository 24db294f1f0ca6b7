"""Which rows stand before and after a row in a list as it was filtered: one statement, however long the list is."""

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import SuspiciousOperation
from django.db.models import Q, QuerySet, Subquery
from django.http import HttpRequest, QueryDict
from unfold.views import ChangeList

FILTERS = "_changelist_filters"


def neighbours(model_admin: Any, request: HttpRequest, row: Any) -> tuple[int | None, int | None]:
    """The keys of the rows before and after `row` in the list that this page was opened from; None: there is none."""
    listed = _rows(model_admin, request, request.GET.get(FILTERS, ""))
    if listed is None:
        return None, None
    order = [name for name in listed.query.order_by or row._meta.ordering if isinstance(name, str)]
    before, after = (Subquery(_next(listed, row, way).values("pk")[:1]) for way in (_reversed(order), order))
    beside = type(row)._default_manager.filter(pk=row.pk).values_list(before, after)
    found: tuple[int | None, int | None] = beside[0]
    return found


class _Listed(ChangeList):
    """The rows of a list that nobody looks at."""

    def get_results(self, request: HttpRequest) -> None:
        pass


def _rows(model_admin: Any, request: HttpRequest, filters: str) -> QuerySet[Any] | None:
    """None where the address cannot be understood."""
    asked = copy(request)
    asked.GET = QueryDict(filters)
    columns = model_admin.get_list_display(asked)
    try:
        listed: QuerySet[Any] = _Listed(
            asked,
            model_admin.model,
            columns,
            model_admin.get_list_display_links(asked, columns),
            _asked_filters(model_admin.get_list_filter(asked), asked.GET),
            model_admin.date_hierarchy,
            model_admin.get_search_fields(asked),
            None,
            model_admin.list_per_page,
            model_admin.list_max_show_all,
            (),
            model_admin,
            model_admin.get_sortable_by(asked),
            model_admin.search_help_text,
        ).queryset
    except (IncorrectLookupParameters, SuspiciousOperation):
        return None
    return listed.select_related(None)


def _asked_filters(filters: Iterable[Any], given: QueryDict) -> list[Any]:
    """Without those of a field that nobody filters by, some of which read their choices. A filter that is a class may
    narrow the list down unasked, and stays."""
    return [one for one in filters if not isinstance(one, tuple) or any(name.startswith(one[0]) for name in given)]


def _next(rows: QuerySet[Any], row: Any, order: Sequence[str]) -> QuerySet[Any]:
    """The rows that come after this one in this order."""
    beyond, equal = Q(), Q()
    for name in order:
        column = name.removeprefix("-")
        value = getattr(row, column)
        side = "lt" if name.startswith("-") else "gt"
        beyond |= equal & Q(**{f"{column}__{side}": value})
        equal &= Q(**{column: value})
    # Says nothing new, but an index is walked from here and not from its end.
    first, side = order[0].removeprefix("-"), "lte" if order[0].startswith("-") else "gte"
    from_here = Q(**{f"{first}__{side}": getattr(row, first)})
    return rows.filter(from_here, beyond).order_by(*order)


def _reversed(order: Sequence[str]) -> list[str]:
    return [name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in order]
