"""What a trip cost and what of it is settled, as the retailer reports it. Amazon: fraud_abuse_feedback_api.

Our reading, where Amazon says nothing: both amounts are in one currency and never negative, and the time has the 13
digits of today's epoch milliseconds, so that seconds are refused.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sandbox.validation import TripRequest, read_money, read_number, read_object, read_trip, require

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = 10**12
LATEST = 10**13 - 1


@dataclass(frozen=True)
class FeedbackRequest(TripRequest):
    total: Decimal
    settled: Decimal
    currency: str
    status_at: datetime


def read_feedback(body: object) -> FeedbackRequest:
    trip = read_trip(body)
    fields = read_object(body)
    total, settled = read_money(fields, "totalAmount"), read_money(fields, "settledAmount")
    require(total.currency == settled.currency)
    require(total.amount >= 0 and settled.amount >= 0)
    return FeedbackRequest(
        store_id=trip.store_id,
        trip_id=trip.trip_id,
        total=total.amount,
        settled=settled.amount,
        currency=total.currency,
        status_at=_read_moment(fields),
    )


def _read_moment(fields: dict[str, object]) -> datetime:
    milliseconds = read_number(fields, "paymentStatusTime")
    require(milliseconds == int(milliseconds) and EARLIEST <= milliseconds <= LATEST)
    return EPOCH + timedelta(milliseconds=int(milliseconds))
