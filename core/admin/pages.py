"""What all our admin pages have in common."""

from typing import Any

from django.conf import settings
from django.contrib.admin import ShowFacets
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from core.admin.lists import BoundedChangeList, BoundedPaginator


def environment_badge(request: HttpRequest) -> list[str] | None:
    """A badge in the header, so that nobody takes demo data for a shop's."""
    return ["Demo data", "warning"] if settings.IS_DEMO else None


class BaseAdmin(ModelAdmin):
    """Of all our admin pages. `empty_title` and `empty_text` say what will stand in a list that has no row yet."""

    list_per_page = 50
    empty_value_display = "–"
    paginator: Any = BoundedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # counting what each choice would find walks through the table
    empty_title = "Nothing here yet"
    empty_text = ""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return BoundedChangeList


class BaseInline(TabularInline):
    """Rows of another model on a page."""

    extra = 0


class ReadOnlyAdmin(BaseAdmin):
    """Facts that nobody edits or deletes by hand; what may be done to them are named actions."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
