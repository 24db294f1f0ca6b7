"""Where a charge and a refund stand, and what each state means in the world."""

from django.db import models


class ChargeState(models.TextChoices):
    PENDING = "pending", "pending"  # the trip is priced; Amazon has not been asked
    ADJUSTING = "adjusting", "adjusting"  # the hold is being moved to the total (absolute: safe to send again)
    AUTHORIZED = "authorized", "authorized"  # Amazon approved; what may be taken is known
    CAPTURING = "capturing", "capturing"  # the capture is about to be sent or was sent; no answer is recorded yet
    UNKNOWN = "unknown", "unknown"  # the capture was sent and no usable answer came: ask before anything else
    CAPTURED = "captured", "captured"
    PARTLY_CAPTURED = "partly_captured", "partly captured"  # less than the total was authorized and taken
    DECLINED = "declined", "declined"
    CANCELLING = "cancelling", "cancelling"  # the hold is being released (takes no money: safe to send again)
    CANCELLED = "cancelled", "cancelled"
    EXPIRED = "expired", "expired"
    FAILED = "failed", "failed"  # Amazon refused; a person must look


class RefundState(models.TextChoices):
    QUEUED = "queued", "queued"  # we have not sent it
    SENT = "sent", "sent"  # sent, waiting for the answer
    UNKNOWN = "unknown", "unknown"  # sent, no usable answer: it will be sent again with its key
    DONE = "done", "done"
    FAILED = "failed", "failed"  # Amazon refused; the amount can be refunded again


class RefundReason(models.TextChoices):
    """Amazon: refund_charge, refundReasonCode."""

    DAMAGED_ITEM = "DAMAGED_ITEM", "damaged item"
    EXPIRED_ITEM = "EXPIRED_ITEM", "expired item"
    UNWANTED_ITEM = "UNWANTED_ITEM", "unwanted item"
    JWO_TECH_ERROR = "JWO_TECH_ERROR", "Just Walk Out made a mistake"
    OTHER = "OTHER", "other"
