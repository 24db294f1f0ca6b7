"""Who may read trips and ask for refunds: the retailer's systems by key, staff by right."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.authentication import ApiCaller


class ReadsTrips(BasePermission):
    message = "Reading trips needs a key of READ_API_KEYS, or the right orders.view_trip."

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, ApiCaller) or bool(request.user and request.user.has_perm("orders.view_trip"))


class RequestsRefunds(BasePermission):
    message = "Refunding needs a key of WRITE_API_KEYS, or the right payments.request_refund."

    def has_permission(self, request: Request, view: Any) -> bool:
        if isinstance(request.user, ApiCaller):
            return request.user.can_write
        return bool(request.user and request.user.has_perm("payments.request_refund"))
