"""Who may call the connector: whoever holds one of CONNECTOR_API_KEYS. Without a configured key nobody may."""

import hmac
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request


@dataclass(frozen=True, slots=True)
class AmazonCaller:
    """The API Gateway in front of us, which has checked Amazon's IAM signature and added the key.

    `name` says which of the configured keys it was, never the key: “key 1”.
    """

    name: str
    is_authenticated: bool = True


class ConnectorKeyAuthentication(BaseAuthentication):
    """Header `x-api-key`, compared in constant time with each configured key."""

    def authenticate(self, request: Request | HttpRequest) -> tuple[AmazonCaller, None]:
        given = request.META.get("HTTP_X_API_KEY", "").encode()
        # Every key is compared, so that the time taken says nothing about which one came close.
        known = [hmac.compare_digest(given, key.encode()) for key in settings.CONNECTOR_API_KEYS if key]
        if not any(known):
            raise PermissionDenied("the header x-api-key is missing or holds no key of this connector")
        return AmazonCaller(f"key {known.index(True) + 1}"), None
