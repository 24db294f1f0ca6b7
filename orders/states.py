"""Where a trip stands, in the words of the read API."""

from django.db import models


class TripState(models.TextChoices):
    RECEIVED = "received", "received"  # Amazon's cart is stored; nothing else has happened
    REVIEW = "review", "in review"  # an item cannot be priced: a person must say what it is
    PRICED = "priced", "priced"  # the total is known; collecting has not begun
    COLLECTING = "collecting", "collecting"  # Amazon has been asked, the outcome is not final
    PAID = "paid", "paid"
    PARTLY_PAID = "partly_paid", "partly paid"  # less than the total could be taken; the rest is debt
    UNPAID = "unpaid", "unpaid"  # nothing could be taken; all of it is debt
    NO_CHARGE = "no_charge", "no charge"  # an empty cart or a total of zero; the hold is released
    EXPIRED = "expired", "expired"  # Amazon said that the card's token has ended
    FAILED = "failed", "failed"  # Amazon refused for a reason that a person must look at


class Entry(models.TextChoices):
    """How the shopper came in. Amazon: faq ("App session or a CC session")."""

    CARD = "CARD", "card"
    APP = "APP", "app"


UNCOLLECTED = (TripState.RECEIVED, TripState.REVIEW, TripState.PRICED, TripState.COLLECTING)
SETTLED = (TripState.PAID, TripState.PARTLY_PAID, TripState.UNPAID, TripState.NO_CHARGE, TripState.EXPIRED)
