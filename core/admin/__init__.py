"""Base classes of the admin pages: the one place that knows which admin theme is in use."""

from core.admin.accounts import GroupPage, UserPage
from core.admin.lists import BoundedPaginator
from core.admin.pages import BaseAdmin, BaseInline, ReadOnlyAdmin, environment_badge
from core.admin.rights import missing_right, require_right
from core.admin.row_pages import ConfirmView, RowView, row_urls

__all__ = [
    "BaseAdmin",
    "BaseInline",
    "BoundedPaginator",
    "ConfirmView",
    "GroupPage",
    "ReadOnlyAdmin",
    "RowView",
    "UserPage",
    "environment_badge",
    "missing_right",
    "require_right",
    "row_urls",
]
