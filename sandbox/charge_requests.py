"""What the payments host is asked about money. Amazon: adjust_charge, cancel_charge, capture_charge, refund_charge.

Two rules are ours, where Amazon says nothing: an adjust below zero and a refund of nothing are refused.
"""

import re
from dataclasses import dataclass
from hashlib import sha256

from sandbox.money import CENT, Money, amount_text
from sandbox.validation import TripRequest, read_money, read_object, read_text, read_trip, require

REFUND_REQUEST_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-5][0-9a-f]{3}-[089ab][0-9a-f]{3}-[0-9a-f]{12}")
REASONS = re.compile("DAMAGED_ITEM|EXPIRED_ITEM|UNWANTED_ITEM|JWO_TECH_ERROR|OTHER")


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


def read_adjust(body: object) -> ChargeRequest:
    request = _read_charge(body)
    require(request.money.amount >= 0)
    return request


def read_capture(body: object) -> ChargeRequest:
    request = _read_charge(body)
    require(request.money.amount > 0)
    return request


def read_refund(body: object) -> RefundRequest:
    request = _read_charge(body)
    require(request.money.amount > 0)
    require(request.money.amount == request.money.amount.quantize(CENT))
    fields = read_object(body)
    return RefundRequest(
        store_id=request.store_id,
        trip_id=request.trip_id,
        money=request.money,
        refund_request_id=read_text(fields, "refundRequestId", REFUND_REQUEST_ID),
        reason=read_text(fields, "refundReasonCode", REASONS),
    )


def _read_charge(body: object) -> ChargeRequest:
    trip = read_trip(body)
    return ChargeRequest(trip.store_id, trip.trip_id, read_money(read_object(body), "amount"))
