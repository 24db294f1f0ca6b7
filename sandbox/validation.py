"""The request rules Amazon documents; a violation is BadRequestException and nothing is said about which one.

Amazon: adjust_charge, cancel_charge, capture_charge, refund_charge, get_transactional_data. Unknown fields pass. Two
rules are ours, where Amazon says nothing: an adjust below zero and a refund of nothing are refused.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from sandbox.answers import BAD_REQUEST, RejectedError
from sandbox.money import CENT, Money, amount_text

NAME = re.compile(r"[0-9a-zA-Z_-]{1,255}")
CURRENCY = re.compile(r"[A-Z]{3}")
REFUND_REQUEST_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-5][0-9a-f]{3}-[089ab][0-9a-f]{3}-[0-9a-f]{12}")
REASONS = re.compile("DAMAGED_ITEM|EXPIRED_ITEM|UNWANTED_ITEM|JWO_TECH_ERROR|OTHER")

# Amazon prints no limit; without one, a number like 1e999999999 could not even be written down.
MOST_DIGITS = 15


@dataclass(frozen=True)
class TripRequest:
    store_id: str
    trip_id: str


@dataclass(frozen=True)
class ChargeRequest(TripRequest):
    money: Money


@dataclass(frozen=True)
class RefundRequest(ChargeRequest):
    refund_request_id: str
    reason: str

    @property
    def digest(self) -> str:
        """The same for 5.0 and 5.00: what is asked for counts, not how it is spelled."""
        asked = (
            self.store_id,
            self.trip_id,
            amount_text(self.money.amount),
            self.money.currency,
            self.reason,
        )
        return sha256("|".join(asked).encode()).hexdigest()


Fields = dict[str, object]


def read_trip(body: object) -> TripRequest:
    fields = _object(body)
    return TripRequest(store_id=_text(fields, "storeId", NAME), trip_id=_text(fields, "shoppingTripId", NAME))


def read_adjust(body: object) -> ChargeRequest:
    request = _read_charge(body)
    _require(request.money.amount >= 0)
    return request


def read_capture(body: object) -> ChargeRequest:
    request = _read_charge(body)
    _require(request.money.amount > 0)
    return request


def read_refund(body: object) -> RefundRequest:
    request = _read_charge(body)
    _require(request.money.amount > 0)
    _require(request.money.amount == request.money.amount.quantize(CENT))
    fields = _object(body)
    return RefundRequest(
        store_id=request.store_id,
        trip_id=request.trip_id,
        money=request.money,
        refund_request_id=_text(fields, "refundRequestId", REFUND_REQUEST_ID),
        reason=_text(fields, "refundReasonCode", REASONS),
    )


def _read_charge(body: object) -> ChargeRequest:
    trip = read_trip(body)
    amount = _object(_object(body).get("amount"))
    number = amount.get("amount")
    if not isinstance(number, Decimal):
        raise RejectedError(BAD_REQUEST)
    exponent = number.as_tuple().exponent
    _require(isinstance(exponent, int) and exponent >= -MOST_DIGITS and number.adjusted() < MOST_DIGITS)
    return ChargeRequest(trip.store_id, trip.trip_id, Money(number, _text(amount, "code", CURRENCY)))


def _object(value: object) -> Fields:
    if not isinstance(value, dict):
        raise RejectedError(BAD_REQUEST)
    return value


def _text(fields: Fields, name: str, pattern: re.Pattern[str]) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise RejectedError(BAD_REQUEST)
    return value


def _require(is_kept: bool) -> None:
    if not is_kept:
        raise RejectedError(BAD_REQUEST)
