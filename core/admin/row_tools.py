"""What a row of a list offers without leaving the list: a look inside, and what is done most."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from core.admin.row_pages import RowView
from core.languages import Words

TOOLS = "row_tools"

_TOOLS = '<span class="bo-row-tools">{}{}</span>'
_ACT = (
    '<a class="bo-row-act" href="{}" title="{}" aria-label="{}: {}">'
    '<span class="material-symbols-outlined" aria-hidden="true">{}</span></a>'
)
_PEEK = (
    '<button type="button" class="bo-peek" data-peek="{}" aria-expanded="false" aria-label="{}" title="{}">'
    '<span class="material-symbols-outlined" aria-hidden="true">expand_more</span></button>'
)


class RowAct(NamedTuple):
    """`icon` is the name of one of Material's symbols."""

    label: Words
    url: str
    icon: str


class RowTools:
    """The part of an admin page that gives its list a last column of tools.

    `peek_template` shows a row's inside, with what `peek` returns besides the `row`; None: there is nothing to see.
    """

    peek_template: str | None = None

    def peek(self, row: Any) -> dict[str, Any]:
        return {}

    def row_acts(self, request: HttpRequest, row: Any) -> list[RowAct]:
        """What this person can do to the row; it shows when the row is pointed at."""
        return []

    def give_tools(self, request: HttpRequest, rows: Iterable[Any]) -> None:
        for row in rows:
            row.acts = self.row_acts(request, row)

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = list(super().get_list_display(request))  # type: ignore[misc]
        return [*columns, TOOLS] if self.has_tools else columns

    @display(description=gettext_lazy("more"))
    def row_tools(self, row: Any) -> SafeString:
        """No template: in a long list this is asked for as often as there are rows."""
        named = str(row)
        acts = format_html_join("", _ACT, ((act.url, act.label, act.label, named, act.icon) for act in row.acts))
        if self.peek_template is None:
            return format_html(_TOOLS, acts, "")
        address = reverse(f"admin:{self._base_name}_peek", args=[row.pk])
        inside = format_html(_PEEK, address, _("Look inside: %(row)s") % {"row": named}, _("Look inside"))
        return format_html(_TOOLS, acts, inside)

    @property
    def has_tools(self) -> bool:
        return self.peek_template is not None or type(self).row_acts is not RowTools.row_acts

    def peek_urls(self) -> list[URLPattern]:
        if self.peek_template is None:
            return []
        view = self.admin_site.admin_view(PeekView.as_view(model_admin=self))  # type: ignore[attr-defined]
        return [path("<int:pk>/peek/", view, name=f"{self._base_name}_peek")]

    @property
    def _base_name(self) -> str:
        opts: Any = self.opts  # type: ignore[attr-defined]
        return f"{opts.app_label}_{opts.model_name}"


class PeekView(RowView):
    """The inside of a row; the list puts it beneath the row."""

    url_name = "peek"

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, self.model_admin.peek_template, {"row": self.row, **self.model_admin.peek(self.row)})
