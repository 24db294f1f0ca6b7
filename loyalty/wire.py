"""The shapes of what Amazon asks about codes, and the rules that concern more than one field.

Amazon: verify_identity_keys, resolve_scan, get_scan_details, get_shopper; the 400s of verify_identity_keys_test_cases.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from amazon.wire import EventTime, Location, Malformed, MaybeEmpty255, Shape, Text255, Uuid, as_utc

FIRST_MOMENT, LAST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)
# Epoch times beyond this are milliseconds: as seconds they would lie after the year 5000.
_FIRST_MILLISECONDS = 100_000_000_000

Key = Annotated[str, Meta(min_length=1, max_length=1000)]


class VisitorType(StrEnum):
    SHOPPER = "SHOPPER"
    ASSOCIATE = "ASSOCIATE"


class ScanType(StrEnum):
    SHOPPER = "SHOPPER"
    ASSOCIATE = "ASSOCIATE"
    CASH = "CASH"
    LOYALTY = "LOYALTY"


def moment(value: EventTime, *, field: str) -> datetime:
    """A time in either type, ISO 8601 or the epoch's seconds or milliseconds, as UTC. Raises Malformed."""
    try:
        found = as_utc(msgspec.convert(value, datetime)) if isinstance(value, str) else _from_epoch(value)
    except (msgspec.ValidationError, OverflowError) as error:
        raise Malformed(f"{field}: must be a time such as 2026-01-05T09:00:00Z") from error
    if not FIRST_MOMENT <= found <= LAST_MOMENT:
        raise Malformed(f"{field}: must lie between the years {FIRST_MOMENT.year} and {LAST_MOMENT.year}")
    return found


def _from_epoch(value: float) -> datetime:
    seconds = value / 1000 if abs(value) >= _FIRST_MILLISECONDS else value
    if not FIRST_MOMENT.timestamp() <= seconds <= LAST_MOMENT.timestamp():
        raise OverflowError("outside of the calendar")
    return datetime.fromtimestamp(seconds, UTC)


class Timed(Shape, frozen=True, kw_only=True):
    """Base of the events: a time under either of its names."""

    timestamp: EventTime | None = None
    event_timestamp: EventTime | None = None

    def at(self, path: str) -> datetime:
        """When it was; `path` is where the event stands in the body. Raises Malformed."""
        if self.timestamp is not None:
            return moment(self.timestamp, field=f"{path}.timestamp")
        if self.event_timestamp is not None:
            return moment(self.event_timestamp, field=f"{path}.eventTimestamp")
        raise Malformed(f"{path}.timestamp: is required")


class AuthEvent(Timed, frozen=True, kw_only=True):
    id: Uuid
    location: Location | None = None
    auth_location: Location | None = None

    @property
    def place(self) -> str:
        """Raises Malformed where neither name of the field has a value."""
        place = self.location or self.auth_location
        if place is None:
            raise Malformed("authEvent.location: is required")
        return place


class VerifyIdentityKeysRequest(Shape, frozen=True):
    request_id: Uuid
    identity_key: Key
    store_id: Text255
    auth_event: AuthEvent
    # Amazon documents OPTICAL alone, and a test case that refuses what it does not know. The others are how a badge or
    # a phone may be read.
    key_channel: Literal["OPTICAL", "RADIO", "CONTACT", "NFC"] | None = None


class VisitorDetails(Shape, frozen=True):
    id: Text255
    type: VisitorType


class VerifyIdentityKeysResponse(Shape, frozen=True):
    visitor_details: VisitorDetails


class ScanEvent(Timed, frozen=True, kw_only=True):
    """Amazon does not say where else codes are scanned, and by what: places and channels are taken as they come."""

    id: Key  # a UUID by Amazon's page, and the code itself in Base64 by its FAQ
    value: Annotated[str, Meta(max_length=1000)] | None = None
    location: MaybeEmpty255 | None = None
    auth_location: MaybeEmpty255 | None = None
    channel: MaybeEmpty255 | None = None

    @property
    def place(self) -> str:
        return self.location or self.auth_location or ""


class ResolveScanRequest(Shape, frozen=True):
    request_id: Text255
    store_id: Text255
    scan_event: ScanEvent


class ResolveScanResponse(Shape, frozen=True):
    id: Text255
    type: ScanType
    action: Literal["ACCEPT", "REJECT"]


class ScanResult(Shape, frozen=True):
    id: Text255
    type: ScanType


class GetScanDetailsRequest(Shape, frozen=True):
    store_id: Text255
    scan_result: ScanResult


class GetScanDetailsResponse(Shape, frozen=True):
    provider: Text255
    promotion_ids: list[str]


class GetShopperRequest(Shape, frozen=True):
    request_id: Uuid
    shopper_key: Key
    store_id: Text255
    shopper_key_type: Literal["QR_CODE", "PHONE_NUMBER"] | None = None
    timestamp: EventTime | None = None


class ShopperId(Shape, frozen=True):
    id: Text255


class GetShopperResponse(Shape, frozen=True):
    """Amazon's page does not show the answer: the id stands wherever its other pages have it."""

    visitor_details: VisitorDetails
    shopper_identity: ShopperId
    id: Text255


verify_identity_keys_decoder = msgspec.json.Decoder(VerifyIdentityKeysRequest)
resolve_scan_decoder = msgspec.json.Decoder(ResolveScanRequest)
get_scan_details_decoder = msgspec.json.Decoder(GetScanDetailsRequest)
get_shopper_decoder = msgspec.json.Decoder(GetShopperRequest)
