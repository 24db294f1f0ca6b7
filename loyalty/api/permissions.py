"""Who may read and write members: the retailer's systems by key, staff by right."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from core.authentication import ApiCaller

PERSONAL = "loyalty.view_personal_data"


class UsesMembers(BasePermission):
    """Reading needs any key or the right to view members; writing a key that writes, or the right for the method."""

    rights = {"POST": "loyalty.add_member", "PATCH": "loyalty.change_member"}

    def has_permission(self, request: Request, view: Any) -> bool:
        is_read = request.method in SAFE_METHODS
        right = "loyalty.view_member" if is_read else self.rights.get(request.method or "", "")
        keys = "READ_API_KEYS" if is_read else "WRITE_API_KEYS"
        self.message = f"This needs a key of {keys}, or the right {right}."
        return _may(request, right, is_read=is_read)


class IssuesScanKeys(BasePermission):
    message = "This needs a key of WRITE_API_KEYS, or the right loyalty.add_scankey."

    def has_permission(self, request: Request, view: Any) -> bool:
        return _may(request, "loyalty.add_scankey", is_read=False)


def may_see_personal_data(request: Request) -> bool:
    """The retailer's systems may; staff need the right."""
    return isinstance(request.user, ApiCaller) or request.user.has_perm(PERSONAL)


def _may(request: Request, right: str, *, is_read: bool) -> bool:
    if isinstance(request.user, ApiCaller):
        return is_read or request.user.can_write
    return bool(right and request.user and request.user.is_staff and request.user.has_perm(right))
