"""People are shown what happened at their stores, and nothing else: in lists, on pages, in choices of forms."""

from typing import Any, ClassVar, Literal

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

_MOST_BRANCHES = 50


class StoreScope:
    """The part of every admin page that knows where a row belongs, and who is asking.

    `store_path` is the way from a row to its store, `pk` for the stores themselves; `store_by` says what stands at its
    end. None: the rows belong to no store. Where `store_is_optional`, a row may have none and then counts for all of
    them; where `is_for_all_stores`, every row does. Such a row is seen by everybody, and changed only by who is
    everywhere.
    """

    store_path: ClassVar[str | None] = None
    store_by: ClassVar[Literal["pk", "external_id"]] = "pk"
    store_is_optional: ClassVar[bool] = False
    is_for_all_stores: ClassVar[bool] = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        if self.store_path is None:
            return rows
        person: Any = request.user
        visible: QuerySet[Any] = person.visible(rows, self.store_path, by=self.store_by, or_none=self.store_is_optional)
        return visible

    def store_branches(self, request: HttpRequest) -> list[dict[str, Any]]:
        """What parts the rows by store, one condition for each store of somebody who sees a few (core.admin.paging).

        SQLite takes no such union, and has no table that needs it.
        """
        person: Any = request.user
        is_parted = self.store_path not in (None, "pk") and not self.store_is_optional and not person.is_everywhere
        if not is_parted or connection.vendor != "postgresql" or not 1 < len(person.own_stores) <= _MOST_BRANCHES:
            return []
        own = person.own_stores.values() if self.store_by == "external_id" else person.own_stores.keys()
        return [{str(self.store_path): store} for store in own]

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """Only what this person is shown elsewhere can be chosen."""
        related = self.admin_site._registry.get(db_field.remote_field.model)  # type: ignore[attr-defined]
        offered: QuerySet[Any] | None = (
            related.get_queryset(request) if related else super().get_field_queryset(db, db_field, request)  # type: ignore[misc]
        )
        return offered

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        if self.store_is_optional and db_field.name == self.store_path and not _is_everywhere(request):
            field.required, field.help_text = True, _("One of your stores.")
        return field

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may_write(request) and super().has_add_permission(request)  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_write(request, obj) and super().has_change_permission(request, obj)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_write(request, obj) and super().has_delete_permission(request, obj)  # type: ignore[misc]

    def _may_write(self, request: HttpRequest, obj: Any = None) -> bool:
        is_for_all = self.is_for_all_stores or (
            self.store_is_optional and obj is not None and getattr(obj, f"{self.store_path}_id") is None
        )
        return not is_for_all or _is_everywhere(request)


def _is_everywhere(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_everywhere", False))
