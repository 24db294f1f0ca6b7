"""What every list has besides its rows: tabs, views that people keep, the filters in force, the columns they chose."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import label_for_field
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.views import ChangeList

from core.admin.chips import Chip, chips_of
from core.admin.paging import bounded, bounded_rows
from core.admin.row_tools import TOOLS
from core.languages import Words

MOST_COUNTED_ON_A_TAB = 1_000
ACTION_CHECKBOX = "action_checkbox"
PAGE_SIZES = (25, 50, 100, 200)

Narrowed = Callable[[QuerySet[Any]], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Tab:
    """A filter that many need. `query` is what the filters make of it in the address, `rows` what they find."""

    name: Words
    query: str
    rows: Narrowed


@dataclass(frozen=True, slots=True)
class ShownTab:
    name: Words
    query: str
    is_active: bool
    count: int | None = None
    view: Any = None


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    label: str
    is_shown: bool


class BoundedChangeList(ChangeList):
    """Claims no second, full number in the header of an unfiltered list."""

    tabs: Sequence[ShownTab] = ()
    chips: Sequence[Chip] = ()

    def __init__(
        self,
        request: HttpRequest,
        model: Any,
        list_display: Sequence[Any],
        list_display_links: Sequence[Any],
        list_filter: Any,
        date_hierarchy: Any,
        search_fields: Any,
        list_select_related: Any,
        list_per_page: int,
        *others: Any,
        **named: Any,  # django-import-export names what Django gives by place
    ) -> None:
        self.list_name = model._meta.label_lower
        person: Any = request.user
        self.person = person
        chosen = person.settings_of(self.list_name)
        self.all_columns = list_display
        self.hidden_columns = set(chosen.hidden_columns if chosen else ()) - set(list_display_links or ())
        super().__init__(
            request,
            model,
            [name for name in list_display if name not in self.hidden_columns],
            list_display_links,
            list_filter,
            date_hierarchy,
            search_fields,
            list_select_related,
            chosen.rows_per_page if chosen else list_per_page,
            *others,
            **named,
        )

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.model_admin.complete(self.result_list)
        self.model_admin.give_tools(request, self.result_list)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count
        if not self.is_popup:
            self.tabs = self._tabs()
            self.chips = chips_of(self)

    @property
    def query_kept(self) -> str:
        """What a view keeps of the address."""
        return kept(self.params)

    @property
    def active_view(self) -> Any:
        """The saved view that is open, if it is this person's own."""
        return next(
            (tab.view for tab in self.tabs if tab.is_active and tab.view and tab.view.user_id == self.person.pk), None
        )

    @property
    def sees_no_store(self) -> bool:
        return self.model_admin.store_path is not None and not self.person.is_everywhere and not self.person.own_stores

    @property
    def columns(self) -> list[Column]:
        return columns_of(self.model_admin, self.all_columns, self.list_display_links, self.hidden_columns)

    @property
    def page_sizes(self) -> list[int]:
        return page_sizes(self.model_admin)

    def _tabs(self) -> list[ShownTab]:
        fixed: Sequence[Tab] = self.model_admin.tabs
        counts = counts_of([tab.rows(self.root_queryset) for tab in fixed])
        now = self.query_kept
        return [
            ShownTab(_("All"), "", not now),
            *(ShownTab(tab.name, tab.query, tab.query == now, count) for tab, count in zip(fixed, counts, strict=True)),
            *(
                ShownTab(view.name, view.query, view.query == now, view=view)
                for view in self.person.views_of(self.list_name)
            ),
        ]


def columns_of(
    model_admin: Any, names: Sequence[Any], links: Sequence[Any] | None, hidden: Collection[str]
) -> list[Column]:
    """Those that can be hidden: all but what leads to the row, ticks it or acts on it."""
    fixed = {*(links or ()), ACTION_CHECKBOX, TOOLS}
    return [
        Column(name, str(label_for_field(name, model_admin.model, model_admin)), name not in hidden)
        for name in names
        if name not in fixed
    ]


def page_sizes(model_admin: Any) -> list[int]:
    return sorted({*PAGE_SIZES, model_admin.list_per_page})


def kept(params: dict[str, str]) -> str:
    """The part of an address that says which rows are listed and in which order, always written in the same way."""
    passing = {PAGE_VAR, ERROR_FLAG, IS_POPUP_VAR}
    return urlencode(sorted((name, value) for name, value in params.items() if name not in passing and value))


def kept_of(query: str) -> str:
    return kept(dict(parse_qsl(query)))


def counts_of(parts: Sequence[QuerySet[Any]]) -> list[int]:
    """How many rows each has, counted no further than a tab does: one statement for all of them."""
    columns: list[str] = []
    values: list[Any] = []
    for rows in parts:
        try:
            statement, its_values = bounded_rows(rows, MOST_COUNTED_ON_A_TAB).query.sql_with_params()
        except EmptyResultSet:
            statement, its_values = "SELECT 1 WHERE 1 = 0", ()
        columns.append(f"(SELECT COUNT(*) FROM ({statement}) AS rows_of_tab)")  # noqa: S608
        values += its_values
    if not columns:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", values)
        return [bounded(found, MOST_COUNTED_ON_A_TAB) for found in cursor.fetchone()]
