"""Trips that drive an outcome by their id alone, as it stands or followed by "-" and anything.

Amazon's names (Amazon: payment_service_adjust_charge and its siblings):

- valid-shopping-trip-uuid: known, ordinary
- declined-payment-trip-uuid: every adjust is DECLINED, nothing is authorized
- pending-processing-trip-uuid: the first two adjusts are PENDING, the next one decides
- invalid-shopping-trip-uuid: UnknownShoppingTrip (at checkout UnknownShoppingTripException), even when staged

Names of this sandbox, for outcomes Amazon documents without a trip that drives them:

- declined-once-trip-uuid: the first adjust is DECLINED, nothing is authorized; the next one decides
- partly-authorized-trip-uuid: every adjust is DECLINED but half of it, rounded down, is authorized and may be captured
- rejected-feedback-trip-uuid: ordinary, but every report of its payment status is Rejected
- expired-shopping-trip-uuid: ShoppingTripExpiredException
- throttled-trip-uuid: 429 with Retry-After 1 for the first two calls of each operation, then ordinary
- unavailable-trip-uuid: 503 for the first two calls of each operation, then ordinary
- server-error-trip-uuid: 500, always
- forbidden-trip-uuid: API Gateway's 403, always
- bad-request-trip-uuid: 400 BadRequestException, always

All but invalid-... need no staging. One that was staged or called belongs to the store that came first.
"""

from collections import Counter
from enum import StrEnum
from threading import Lock

from sandbox.answers import Answer, failure, not_authorized

SHORT_TROUBLE = 2


class Magic(StrEnum):
    VALID = "valid-shopping-trip-uuid"
    DECLINED = "declined-payment-trip-uuid"
    PENDING = "pending-processing-trip-uuid"
    INVALID = "invalid-shopping-trip-uuid"
    DECLINED_ONCE = "declined-once-trip-uuid"
    PARTLY_AUTHORIZED = "partly-authorized-trip-uuid"
    REJECTED_FEEDBACK = "rejected-feedback-trip-uuid"
    EXPIRED = "expired-shopping-trip-uuid"
    THROTTLED = "throttled-trip-uuid"
    UNAVAILABLE = "unavailable-trip-uuid"
    SERVER_ERROR = "server-error-trip-uuid"
    FORBIDDEN = "forbidden-trip-uuid"
    BAD_REQUEST = "bad-request-trip-uuid"


def magic_of(trip_id: str) -> Magic | None:
    for magic in Magic:
        if trip_id == magic or trip_id.startswith(f"{magic}-"):
            return magic
    return None


class Troublemaker:
    """The magic trips whose trouble comes before anybody looks at the request. Counts calls, so thread-safe."""

    def __init__(self) -> None:
        self._calls: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def answer(self, operation: str, trip_id: str, path: str) -> Answer | None:
        """None when the call is to be handled in earnest."""
        match magic_of(trip_id):
            case Magic.SERVER_ERROR:
                return failure(500)
            case Magic.FORBIDDEN:
                return not_authorized("retailer", "us-east-1", path)
            case Magic.BAD_REQUEST:
                return failure(400)
            case Magic.THROTTLED:
                return failure(429, retry_after="1") if self._is_in_trouble(operation, trip_id) else None
            case Magic.UNAVAILABLE:
                return failure(503) if self._is_in_trouble(operation, trip_id) else None
        return None

    def _is_in_trouble(self, operation: str, trip_id: str) -> bool:
        with self._lock:
            self._calls[operation, trip_id] += 1
            return self._calls[operation, trip_id] <= SHORT_TROUBLE
