"""Who calls the retailer's own API: one of the retailer's systems, by its key."""

import hmac
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """A system of the retailer, known by its key."""

    can_write: bool
    is_authenticated: bool = True

    def __str__(self) -> str:
        return "API"


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


class NobodyYet(BasePermission):
    """The default: a view that names no permission answers nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return False


def _is_one_of(key: bytes, known: list[str]) -> bool:
    # Every key is compared, so that the time taken says nothing about which one came close.
    return any([hmac.compare_digest(key, one.encode()) for one in known if one])  # noqa: C419
