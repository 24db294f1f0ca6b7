"""One HTTP call to the connector under test, as Amazon makes it: a POST of JSON that follows no redirect."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from time import monotonic
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from sandbox.connectivity.setup import Setup
from sandbox.connectivity.signing import GatewaySignature

AT_ONCE = 16
LONGEST_QUOTE = 160


class Trouble(StrEnum):
    """Why there is no answer."""

    UNKNOWN_HOST = "no such host"
    REFUSED = "no connection"
    TLS = "TLS failed"
    TIMED_OUT = "timed out"
    BROKEN = "connection broke"


@dataclass(frozen=True)
class Reply:
    """`status` is 0 when there was no answer."""

    status: int
    ms: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    trouble: Trouble | None = None

    @cached_property
    def content(self) -> dict[str, Any] | None:
        """None when the body is not a JSON object."""
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return content if isinstance(content, dict) else None

    @property
    def said(self) -> str:
        """What it says of an error, shortened; API Gateway has a key of its own for that, in two spellings."""
        for name in ("errorMsg", "message", "Message"):
            if self.content and isinstance(self.content.get(name), str):
                return _shortened(str(self.content[name]))
        return _shortened(self.body.decode(errors="replace"))

    def __str__(self) -> str:
        return str(self.trouble or self.status)


def in_short(replies: Sequence[Reply]) -> str:
    counts = Counter(map(str, replies))
    return ", ".join(answer if count == 1 else f"{count}×{answer}" for answer, count in counts.items())


class Caller:
    def __init__(self, setup: Setup) -> None:
        """Raises NoAwsKeysError."""
        self._base_url = setup.base_url
        self._timeout = setup.timeout
        self._signature = GatewaySignature(setup.sigv4_region) if setup.sigv4_region else None
        self._headers = dict(setup.header) | ({"x-api-key": setup.key} if setup.key else {})
        self._session = requests.Session()
        # Nothing but the address given is contacted: no proxy from the environment, no .netrc.
        self._session.trust_env = False
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=AT_ONCE))

    def close(self) -> None:
        self._session.close()

    @property
    def can_be_recognized(self) -> bool:
        return bool(self._headers or self._signature)

    def send(self, route: str, body: bytes, *, is_anonymous: bool = False) -> Reply:
        """To the connector. Never raises for what the other side does."""
        if is_anonymous:
            return self.post(self._base_url + route, body, {})
        return self.post(self._base_url + route, body, self._headers, self._signature)

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], signature: GatewaySignature | None = None
    ) -> Reply:
        began = monotonic()
        try:
            answer = self._session.post(
                url,
                data=body,
                headers={**headers, "Content-Type": "application/json"},
                auth=signature,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return Reply(status=0, ms=_since(began), trouble=_trouble(error))
        return Reply(answer.status_code, _since(began), answer.content, answer.headers)


def _since(began: float) -> int:
    return round((monotonic() - began) * 1000)


def _trouble(error: requests.RequestException) -> Trouble:
    if isinstance(error, requests.Timeout):
        return Trouble.TIMED_OUT
    if isinstance(error, requests.exceptions.SSLError):
        return Trouble.TLS
    text = str(error)
    if "NameResolutionError" in text or "getaddrinfo" in text:
        return Trouble.UNKNOWN_HOST
    return Trouble.REFUSED if "NewConnectionError" in text or "refused" in text else Trouble.BROKEN


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…"
