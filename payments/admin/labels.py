"""Which colour a state has. The word always stands beside it."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.states import TripState
from payments.models import BulkItem, BulkJob
from payments.states import ContestState, DebtState, RefundState

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
    RefundState.WITHDRAWN: "default",
    RefundState.QUEUED: "info",
    RefundState.SENT: "info",
    RefundState.UNKNOWN: "warning",
    RefundState.DONE: "success",
    RefundState.FAILED: "danger",
}

# Never “refunded” before Amazon has said so.
REFUND_WORDS = {
    RefundState.PENDING_APPROVAL: _("awaits approval"),
    RefundState.REJECTED: _("not approved"),
    RefundState.WITHDRAWN: _("withdrawn"),
    RefundState.QUEUED: _("queued: not sent yet"),
    RefundState.SENT: _("sent, waiting"),
    RefundState.UNKNOWN: _("unknown: no answer came"),
    RefundState.DONE: _("done"),
    RefundState.FAILED: _("failed"),
}

CONTEST_TONES = {
    ContestState.OPEN: "warning",
    ContestState.ADJUSTED: "success",
    ContestState.REFUNDED: "success",
    ContestState.REJECTED: "default",
}
DEBT_TONES = {DebtState.OPEN: "warning", DebtState.SETTLED: "success", DebtState.WRITTEN_OFF: "danger"}
GATE_TONES = {"let in": "success", "refused": "danger", "fallback": "warning"}
DASH_CART_TONES = {"held": "info", "captured": "success", "cancelled": "default"}
ACCOUNT_TONES = {"open": "success", "closed": "danger"}
ACCOUNT_WORDS = {"open": pgettext_lazy("account", "open"), "closed": _("closed")}
BULK_TONES = {
    BulkJob.State.DRAFT: "warning",
    BulkJob.State.RUNNING: "info",
    BulkJob.State.DONE: "success",
    BulkJob.State.DROPPED: "default",
}
BULK_ITEM_TONES = {
    BulkItem.State.PLANNED: "info",
    BulkItem.State.SKIPPED: "default",
    BulkItem.State.DONE: "success",
    BulkItem.State.FAILED: "danger",
}
