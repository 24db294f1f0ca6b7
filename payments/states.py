"""Where the money stands: what each state means in the world."""

from django.db import models


class ChargeState(models.TextChoices):
    PENDING = "pending", "pending"  # the trip is priced; nobody has been asked for the money
    ADJUSTING = "adjusting", "adjusting"  # the hold is being moved to the total (absolute: safe to send again)
    AUTHORIZED = "authorized", "authorized"  # Amazon approved; what may be taken is known
    CAPTURING = (
        "capturing",
        "capturing",
    )  # about to be sent, or sent; no answer is recorded yet
    UNKNOWN = "unknown", "unknown"  # it was sent and no usable answer came: ask before anything else
    CAPTURED = "captured", "captured"
    PARTLY_CAPTURED = "partly_captured", "partly captured"  # less than the total was authorized and taken
    DECLINED = "declined", "declined"
    CANCELLING = "cancelling", "cancelling"  # the hold is being released (takes no money: safe to send again)
    CANCELLED = "cancelled", "cancelled"
    EXPIRED = "expired", "expired"
    FAILED = "failed", "failed"  # refused; a person must look


class RefundState(models.TextChoices):
    PENDING_APPROVAL = "pending_approval", "awaits approval"  # above the store's limit: a second person must agree
    REJECTED = "rejected", "not approved"  # the second person said no; the amount can be refunded again
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


class DebtState(models.TextChoices):
    OPEN = "open", "open"
    SETTLED = "settled", "settled"  # nothing is owed any more: paid, or waived
    WRITTEN_OFF = "written_off", "written off"  # lost for the books; the shopper still owes it


class SettlementMeans(models.TextChoices):
    """How a debt was settled besides by the card that Amazon holds."""

    CASH = "cash", "cash"
    TERMINAL = "terminal", "card terminal"
    WAIVED = "waived", "waived"  # forgiven: nothing was paid


class FeedbackState(models.TextChoices):
    """Of a report to Amazon's fraud-and-abuse service."""

    PLANNED = "planned", "planned"  # not sent yet, perhaps waiting for an earlier one of its trip
    SENT = "sent", "sent"  # sent, waiting for the answer
    RETRYING = "retrying", "retrying"  # no usable answer: it will be sent again
    ACCEPTED = "accepted", "accepted"
    REJECTED = "rejected", "rejected"  # Amazon: status Rejected
    FAILED = "failed", "failed"  # Amazon refused the call itself; a person must look


class ReceiptState(models.TextChoices):
    WAITING = "waiting", "waiting"  # to be sent; perhaps for the card's data
    SENDING = "sending", "sending"  # about to be handed to the mail server, or handed over; not recorded yet
    SENT = "sent", "sent"  # the mail server has taken it
    UNKNOWN = "unknown", "perhaps sent"  # handed over, no usable answer: never sent again by itself
    NO_ADDRESS = "no_address", "no address"  # nobody's e-mail address is known; the page stands all the same
    FAILED = "failed", "failed"
