"""Amazon's fraud-and-abuse feedback: what a trip cost and what of it is settled. Amazon: fraud_abuse_feedback_api.

The request is checked before it leaves, as in payments.clients.payment_service.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec

from amazon.models import OutboundCall
from amazon.outbound.transport import Address, send, unreadable
from core import money
from core.money import Money
from payments.clients.validation import NotAllowed, checked, number, store_id, trip_id

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OPERATION = "feedback"


class FeedbackAnswer(StrEnum):
    """Amazon: fraud_abuse_feedback_test_cases. Either comes with a 200."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"


class _Answer(msgspec.Struct):
    status: FeedbackAnswer


_answer = msgspec.json.Decoder(_Answer)


def report_payment_status(
    address: Address, *, total: Money, settled: Money, at: datetime
) -> tuple[FeedbackAnswer, OutboundCall]:
    """Report a trip's payment as it was at `at`. Both amounts may be zero.

    `settled` is what is paid in all, not since the last report: our reading, and so sending it again is harmless.
    """
    with checked(address, _OPERATION):
        if total.currency != settled.currency:
            raise NotAllowed(f"the total is in {total.currency}, but what is settled in {settled.currency}.")
        payload = {
            "storeId": store_id(address),
            "shoppingTripId": trip_id(address),
            "totalAmount": number(total, least=money.ZERO),
            "settledAmount": number(settled, least=money.ZERO),
            "paymentStatusTime": (at - _EPOCH) // timedelta(milliseconds=1),
        }
    body, call = send(address, _OPERATION, "/v1/feedback/payment-status", payload)
    try:
        return _answer.decode(body).status, call
    except msgspec.DecodeError as error:
        raise unreadable(call) from error
