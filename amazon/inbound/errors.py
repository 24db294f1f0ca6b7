"""What a call of Amazon's can be refused with, besides 400 (amazon.wire.Malformed). The text becomes errorMsg.

Services and views raise these; the frame (amazon.inbound.views) answers them. None of them says anything about HTTP
but its status, so that a service needs no web framework to refuse.
"""

import math
from typing import ClassVar


class CallRefused(Exception):
    """Base of the refusals. `retry_after`: seconds after which the caller may try again, if that would help."""

    status: ClassVar[int]
    retry_after: int | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


class Unauthorized(CallRefused):
    """Who is at the gate may not come in. Amazon: verify_identity_keys. A loyalty scan is never answered so."""

    status = 401


class NotFound(CallRefused):
    """The call is sound, and what it asks for does not exist here. Amazon: get_scan_details."""

    status = 404


class OnlyPost(CallRefused):
    status = 405

    @property
    def headers(self) -> dict[str, str]:
        return {"Allow": "POST"}


class TooLarge(CallRefused):
    status = 413


class WrongType(CallRefused):
    status = 415


class TooManyCalls(CallRefused):
    """More calls than are allowed. Amazon: verify_identity_keys, 429."""

    status = 429

    def __init__(self, text: str, *, retry_after: float) -> None:
        super().__init__(text)
        self.retry_after = max(1, math.ceil(retry_after))


class TryAgain(CallRefused):
    """Something we need is away just now."""

    status = 503
    retry_after = 1
