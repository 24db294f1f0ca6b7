"""Base classes of the admin pages: the one place that knows which admin theme is in use."""

from core.admin.lists import Tab
from core.admin.neighbours import neighbours
from core.admin.pages import BaseAdmin, BaseInline, ReadOnlyAdmin, environment_badge
from core.admin.paging import BoundedPaginator
from core.admin.rights import require_right
from core.admin.row_pages import AskTwiceView, ConfirmView, RowView, leading_to, row_urls
from core.admin.row_tools import RowAct
from core.rights import missing_right

__all__ = [
    "AskTwiceView",
    "BaseAdmin",
    "BaseInline",
    "BoundedPaginator",
    "ConfirmView",
    "ReadOnlyAdmin",
    "RowAct",
    "RowView",
    "Tab",
    "environment_badge",
    "leading_to",
    "missing_right",
    "neighbours",
    "require_right",
    "row_urls",
]
