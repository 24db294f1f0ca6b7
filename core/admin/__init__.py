"""Base classes of the admin pages: the one place that knows which admin theme is in use."""

from core.admin.accounts import GroupPage, UserPage
from core.admin.lists import BoundedPaginator
from core.admin.pages import BaseAdmin, BaseInline, ReadOnlyAdmin, environment_badge
from core.admin.rights import missing_right, require_right

__all__ = [
    "BaseAdmin",
    "BaseInline",
    "BoundedPaginator",
    "GroupPage",
    "ReadOnlyAdmin",
    "UserPage",
    "environment_badge",
    "missing_right",
    "require_right",
]
