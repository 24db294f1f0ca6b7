"""Who calls the retailer's own API: one of the retailer's systems, by its key."""

import hmac
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.actors import API
from core.rights import refusal

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """A system of the retailer, known by its key."""

    can_write: bool
    is_authenticated: bool = True

    def __str__(self) -> str:
        return API

    def visible(self, rows: "QuerySet[Row]", store: str = "store") -> "QuerySet[Row]":
        """All of them: the retailer's systems belong to no store."""
        return rows


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer` with a key of READ_API_KEYS or WRITE_API_KEYS (which may read, too)."""

    def authenticate(self, request: Request) -> tuple[ApiCaller, None] | None:
        scheme, _, key = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        can_write, can_read = (
            _is_one_of(key.strip(), keys) for keys in (settings.WRITE_API_KEYS, settings.READ_API_KEYS)
        )
        if not (can_write or can_read):
            raise AuthenticationFailed("This API key is not known here.")
        return ApiCaller(can_write=can_write), None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class KeyOrRight(BasePermission):
    """The retailer's systems come with a key, staff with a right."""

    def allows(self, request: Request, right: str, *, writes: bool) -> bool:
        """Whether this caller may; `message` says what is missing."""
        if isinstance(request.user, ApiCaller):
            self.message = "This needs a key of WRITE_API_KEYS; yours only reads."
            return request.user.can_write or not writes
        person: Any = request.user
        if not person.is_authenticated:
            return False
        is_allowed: bool = person.is_staff and person.has_perm(right)
        self.message = "" if is_allowed else refusal(right)
        return is_allowed


class KeyOrStaff(BasePermission):
    """For what any system of the retailer and any member of staff may read, such as how the API is used."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, ApiCaller) or bool(getattr(request.user, "is_staff", False))


class NobodyYet(BasePermission):
    """The default: a view that names no permission answers nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return False


def _is_one_of(key: bytes, known: list[str]) -> bool:
    # Every key is compared, so that the time taken says nothing about which one came close.
    return any([hmac.compare_digest(key, one.encode()) for one in known if one])  # noqa: C419
