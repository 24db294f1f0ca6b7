"""Which colour a state has. The word always stands beside it."""

from orders.states import TripState
from payments.states import RefundState

TRIP_TONES = {
    TripState.RECEIVED: "info",
    TripState.REVIEW: "warning",
    TripState.PRICED: "info",
    TripState.COLLECTING: "info",
    TripState.PAID: "success",
    TripState.PARTLY_PAID: "warning",
    TripState.UNPAID: "danger",
    TripState.NO_CHARGE: "default",
    TripState.EXPIRED: "danger",
    TripState.FAILED: "danger",
}

REFUND_TONES = {
    RefundState.QUEUED: "info",
    RefundState.SENT: "info",
    RefundState.UNKNOWN: "warning",
    RefundState.DONE: "success",
    RefundState.FAILED: "danger",
}

# Never “refunded” before Amazon has said so.
REFUND_WORDS = {
    RefundState.QUEUED: "queued: not sent yet",
    RefundState.SENT: "sent, waiting",
    RefundState.UNKNOWN: "unknown: no answer came",
    RefundState.DONE: "done",
    RefundState.FAILED: "failed",
}

GATE_TONES = {"let in": "success", "refused": "danger", "fallback": "warning"}
DASH_CART_TONES = {"held": "info", "captured": "success", "cancelled": "default"}
