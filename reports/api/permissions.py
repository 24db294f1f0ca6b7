"""Who may read trips and ask for refunds."""

from typing import Any

from rest_framework.request import Request

from core.authentication import KeyOrRight
from reports.pages.page import Page
from reports.rights import rights_for


class ReadsTrips(KeyOrRight):
    def has_permission(self, request: Request, view: Any) -> bool:
        return self.allows(request, "orders.view_trip", writes=False)


def reads(page: Page) -> type[KeyOrRight]:
    class ReadsReport(KeyOrRight):
        def has_permission(self, request: Request, view: Any) -> bool:
            return all(self.allows(request, right, writes=False) for right in rights_for(page))

    return ReadsReport


class OpensContests(KeyOrRight):
    def has_permission(self, request: Request, view: Any) -> bool:
        return self.allows(request, "payments.open_contestedcart", writes=True)


class RequestsRefunds(KeyOrRight):
    def has_permission(self, request: Request, view: Any) -> bool:
        return self.allows(request, "payments.request_refund", writes=True)
