"""What all our admin pages have in common."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline, checkbox
from unfold.decorators import display

from core.admin.history import HistoryPages
from core.admin.lists import BoundedChangeList, Tab
from core.admin.overtaking import OvertakenForms
from core.admin.paging import BoundedPaginator
from core.admin.row_tools import RowTools
from core.admin.scope import StoreScope
from core.languages import Words

logger = logging.getLogger(__name__)

_TICK = '<input type="checkbox" name="{}" value="{}" class="{}" aria-label="{}">'


def environment_badge(request: HttpRequest) -> list[str] | None:
    """A badge in the header, so that nobody takes demo data for a shop's."""
    return [_("Demo data"), "warning"] if settings.IS_DEMO else None


def name_aloud(field: forms.Field) -> None:
    """In a table: to whoever does not see it, the head of a column does not say what is typed beneath."""
    if field.label:
        field.widget.attrs["aria-label"] = capfirst(str(field.label))


class BaseAdmin(StoreScope, RowTools, OvertakenForms, HistoryPages, ModelAdmin):
    """Of all our admin pages. `empty_title` and `empty_text` say what will stand in a list that has no row yet; `tabs`
    are the filters of the list that many need."""

    list_per_page = 50
    empty_value_display = "–"
    paginator: Any = BoundedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # counting what each choice would find walks through the table
    empty_title: Words = gettext_lazy("Nothing here yet")
    empty_text: Words = ""
    tabs: ClassVar[Sequence[Tab]] = ()
    list_before_template = "admin/lists/bar.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return BoundedChangeList

    @display(description=ModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: Any) -> SafeString:
        """The theme's, without a template for each row."""
        return format_html(_TICK, ACTION_CHECKBOX_NAME, obj.pk, checkbox.attrs["class"], checkbox.attrs["aria-label"])

    def get_paginator(self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any) -> Any:
        return self.paginator(queryset, per_page, *args, branches=self.store_branches(request), **kwargs)

    def get_urls(self) -> list[URLPattern]:
        urls: list[URLPattern] = self.peek_urls() + super().get_urls()
        return urls

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        try:
            answer: HttpResponse = super().changelist_view(request, extra_context)
        except OperationalError:  # it took too long, or the database went away
            logger.exception("the list of %s could not be read", self.opts.label_lower)
            return self._not_loaded(request)
        return answer

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        formset = super().get_changelist_formset(request, **kwargs)
        for field in formset.form.base_fields.values():
            name_aloud(field)
        return formset

    def _not_loaded(self, request: HttpRequest) -> HttpResponse:
        """Without the frame of the other pages, which asks the database as well."""
        context = {
            "title": capfirst(str(self.opts.verbose_name_plural)),
            "again": request.get_full_path(),
            "plain": request.path,
            "filtered": bool(request.GET),
        }
        return HttpResponse(render_to_string("admin/lists/not_loaded.html", context), status=503)

    def complete(self, rows: Iterable[Any]) -> None:
        """The rows that a list is about to show, to be given what stands elsewhere: for all of them at once."""


class BaseInline(TabularInline):
    """Rows of another model on a page."""

    extra = 0

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            name_aloud(field)
        return field


class ReadOnlyAdmin(BaseAdmin):
    """Facts that nobody edits or deletes by hand; what may be done to them are named actions."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
