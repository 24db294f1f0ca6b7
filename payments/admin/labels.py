"""Which colour a state has. The word always stands beside it."""

from orders.states import TripState
from payments.states import DebtState, RefundState

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
    RefundState.PENDING_APPROVAL: "warning",
    RefundState.REJECTED: "default",
    RefundState.QUEUED: "info",
    RefundState.SENT: "info",
    RefundState.UNKNOWN: "warning",
    RefundState.DONE: "success",
    RefundState.FAILED: "danger",
}

# Never “refunded” before Amazon has said so.
REFUND_WORDS = {
    RefundState.PENDING_APPROVAL: "awaits approval",
    RefundState.REJECTED: "not approved",
    RefundState.QUEUED: "queued: not sent yet",
    RefundState.SENT: "sent, waiting",
    RefundState.UNKNOWN: "unknown: no answer came",
    RefundState.DONE: "done",
    RefundState.FAILED: "failed",
}

DEBT_TONES = {DebtState.OPEN: "warning", DebtState.SETTLED: "success", DebtState.WRITTEN_OFF: "danger"}
GATE_TONES = {"let in": "success", "refused": "danger", "fallback": "warning"}
DASH_CART_TONES = {"held": "info", "captured": "success", "cancelled": "default"}
ACCOUNT_TONES = {"open": "success", "closed": "danger"}
