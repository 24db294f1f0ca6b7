"""Where the money stands: what each state means in the world."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChargeState(models.TextChoices):
    PENDING = "pending", _("pending")  # the trip is priced; nobody has been asked for the money
    ADJUSTING = "adjusting", _("adjusting")  # the hold is being moved to the total (absolute: safe to send again)
    AUTHORIZED = "authorized", _("authorized")  # Amazon approved; what may be taken is known
    CAPTURING = (
        "capturing",
        _("capturing"),
    )  # about to be sent, or sent; no answer is recorded yet
    UNKNOWN = "unknown", _("unknown")  # it was sent and no usable answer came: ask before anything else
    CAPTURED = "captured", _("captured")
    PARTLY_CAPTURED = "partly_captured", _("partly captured")  # less than the total was authorized and taken
    DECLINED = "declined", _("declined")
    CANCELLING = "cancelling", _("cancelling")  # the hold is being released (takes no money: safe to send again)
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("expired")
    FAILED = "failed", _("failed")  # refused; a person must look


class RefundState(models.TextChoices):
    PENDING_APPROVAL = "pending_approval", _("awaits approval")  # above the store's limit: a second person must agree
    REJECTED = "rejected", _("not approved")  # the second person said no; the amount can be refunded again
    WITHDRAWN = "withdrawn", _("withdrawn")  # taken back by whoever asked, before it was sent
    QUEUED = "queued", _("queued")  # we have not sent it
    SENT = "sent", _("sent")  # sent, waiting for the answer
    UNKNOWN = "unknown", _("unknown")  # sent, no usable answer: it will be sent again with its key
    DONE = "done", _("done")
    FAILED = "failed", _("failed")  # Amazon refused; the amount can be refunded again


class ReasonCode(models.TextChoices):
    """Amazon: refund_charge, refundReasonCode."""

    DAMAGED_ITEM = "DAMAGED_ITEM", _("damaged item")
    EXPIRED_ITEM = "EXPIRED_ITEM", _("expired item")
    UNWANTED_ITEM = "UNWANTED_ITEM", _("unwanted item")
    JWO_TECH_ERROR = "JWO_TECH_ERROR", _("Just Walk Out made a mistake")
    OTHER = "OTHER", _("other")


class DebtState(models.TextChoices):
    OPEN = "open", _("open")
    SETTLED = "settled", _("settled")  # nothing is owed any more: paid, or waived
    WRITTEN_OFF = "written_off", _("written off")  # lost for the books; the shopper still owes it


class SettlementMeans(models.TextChoices):
    """How a debt was settled besides by the card that Amazon holds."""

    CASH = "cash", _("cash")
    TERMINAL = "terminal", _("card terminal")
    WAIVED = "waived", _("waived")  # forgiven: nothing was paid


class ContestState(models.TextChoices):
    """Of a cart that its shopper contests."""

    OPEN = "open", _("open")
    ADJUSTED = "adjusted", _("adjusted")  # the trip was adjusted, and the money follows it
    REFUNDED = "refunded", _("refunded")  # money is given back; the trip stays as it is
    REJECTED = "rejected", _("rejected")  # nothing changes


class FeedbackState(models.TextChoices):
    """Of a report to Amazon's fraud-and-abuse service."""

    PLANNED = "planned", _("planned")  # not sent yet, perhaps waiting for an earlier one of its trip
    SENT = "sent", _("sent")  # sent, waiting for the answer
    RETRYING = "retrying", _("retrying")  # no usable answer: it will be sent again
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")  # Amazon: status Rejected
    FAILED = "failed", _("failed")  # Amazon refused the call itself; a person must look


class ReceiptState(models.TextChoices):
    WAITING = "waiting", _("waiting")  # to be sent; perhaps for the card's data
    SENDING = "sending", _("sending")  # about to be handed to the mail server, or handed over; not recorded yet
    SENT = "sent", _("sent")  # the mail server has taken it
    UNKNOWN = "unknown", _("perhaps sent")  # handed over, no usable answer: never sent again by itself
    NO_ADDRESS = "no_address", _("no address")  # nobody's e-mail address is known; the page stands all the same
    FAILED = "failed", _("failed")
