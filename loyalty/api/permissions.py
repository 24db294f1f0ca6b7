"""Who may read and write members."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from core.authentication import ApiCaller, KeyOrRight

PERSONAL = "loyalty.view_personal_data"
_RIGHTS = {"POST": "loyalty.add_member", "PATCH": "loyalty.change_member"}


class UsesMembers(KeyOrRight):
    def has_permission(self, request: Request, view: Any) -> bool:
        right = _RIGHTS.get(request.method or "", "loyalty.view_member")
        return self.allows(request, right, writes=request.method not in SAFE_METHODS)


class IssuesScanKeys(KeyOrRight):
    def has_permission(self, request: Request, view: Any) -> bool:
        return self.allows(request, "loyalty.add_scankey", writes=True)


def may_see_personal_data(request: Request) -> bool:
    """The retailer's systems may; staff need the right."""
    return isinstance(request.user, ApiCaller) or request.user.has_perm(PERSONAL)
