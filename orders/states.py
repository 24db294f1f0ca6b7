"""Where a trip stands, in the words of the read API."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TripState(models.TextChoices):
    RECEIVED = "received", _("received")  # Amazon's cart is stored; nothing else has happened
    REVIEW = "review", _("in review")  # an item cannot be priced: a person must say what it is
    PRICED = "priced", _("priced")  # the total is known; collecting has not begun
    COLLECTING = "collecting", _("collecting")  # Amazon has been asked, the outcome is not final
    PAID = "paid", _("paid")
    PARTLY_PAID = "partly_paid", _("partly paid")  # less than the total could be taken; the rest is debt
    UNPAID = "unpaid", _("unpaid")  # nothing could be taken; all of it is debt
    NO_CHARGE = "no_charge", _("no charge")  # an empty cart or a total of zero; the hold is released
    EXPIRED = "expired", _("expired")  # Amazon said that the card's token has ended
    FAILED = "failed", _("failed")  # Amazon refused for a reason that a person must look at


class Entry(models.TextChoices):
    """How the shopper came in. Amazon: faq ("App session or a CC session")."""

    CARD = "CARD", _("card")
    APP = "APP", _("app")


class AdjustmentReason(models.TextChoices):
    """Why staff change what a trip's items are or cost."""

    NOT_TAKEN = "not_taken", _("the shopper did not take it")
    MISSED = "missed", _("taken, but not in the cart")
    WRONG_ITEM = "wrong_item", _("another item was taken")
    WRONG_PRICE = "wrong_price", _("wrong price")
    SPOILT = "spoilt", _("damaged or expired")
    GOODWILL = "goodwill", _("goodwill")
    OTHER = "other", _("other")


UNCOLLECTED = (TripState.RECEIVED, TripState.REVIEW, TripState.PRICED, TripState.COLLECTING)
RARE = (
    TripState.REVIEW,
    TripState.PARTLY_PAID,
    TripState.UNPAID,
    TripState.NO_CHARGE,
    TripState.EXPIRED,
    TripState.FAILED,
)
SETTLED = (TripState.PAID, TripState.PARTLY_PAID, TripState.UNPAID, TripState.NO_CHARGE, TripState.EXPIRED)
