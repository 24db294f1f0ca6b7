"""The card's token ends some time after the trip's start: staff are told before, while the money is still out.

A warning by our clock alone. Nothing is expired here: only Amazon does that. Amazon: payment_processing.
"""

import logging
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from orders.models import Trip, TripEvent
from orders.states import UNCOLLECTED, Entry, TripState
from payments.models import Charge
from stores.models import PaymentFlow

logger = logging.getLogger(__name__)

BATCH = 500
# A member's account does not end, unlike a card's token.
_OWN = PaymentFlow.OWN_PROCESSOR
_NOT_WAITING = [state for state in TripState if state not in UNCOLLECTED]
_AMAZON_COLLECTS = (Q(entry=Entry.CARD) & ~Q(store__card_flow=_OWN)) | (Q(entry=Entry.APP) & ~Q(store__app_flow=_OWN))


def unpriced_near_deadline(now: datetime) -> QuerySet[Trip]:
    """Trips that Amazon is to collect once they have a price: due, or with a person.

    Two small indexes hold them, of all stores and of one. By their states PostgreSQL would look them up in one of every
    trip, and for somebody with few stores in a second.
    """
    waiting = Trip.objects.filter(Q(next_attempt_at__isnull=False) | Q(state=TripState.REVIEW))
    return waiting.filter(_AMAZON_COLLECTS, started_at__lte=_begun_before(now))


def uncollected_near_deadline(now: datetime) -> QuerySet[Charge]:
    """Charges that Amazon collects and that are not at rest.

    What is due is little, and the trip is read for its state: told which states it may have, PostgreSQL would look for
    such trips first, in the indexes of all.
    """
    waiting = Charge.objects.filter(next_attempt_at__isnull=False).exclude(trip__state__in=_NOT_WAITING)
    return waiting.exclude(flow=_OWN).filter(trip__started_at__lte=_begun_before(now))


def warn_of_deadlines(now: datetime | None = None) -> int:
    """Write a warning on the timeline of each trip that has come near its deadline, once. Returns how many were."""
    now = now or datetime.now(UTC)
    has_warning = Exists(TripEvent.objects.filter(trip=OuterRef("pk"), kind=TripEvent.Kind.DEADLINE_NEAR))
    unpriced = _warn(unpriced_near_deadline(now).filter(~has_warning))
    collecting = Trip.objects.filter(pk__in=uncollected_near_deadline(now).values("trip_id"))
    uncollected = _warn(collecting.filter(~has_warning))
    if unpriced or uncollected:
        logger.warning(
            "%d trips came near the deadline for collecting: %d wait for a price, %d for Amazon",
            unpriced + uncollected,
            unpriced,
            uncollected,
        )
    return unpriced + uncollected


def _begun_before(now: datetime) -> datetime:
    return now - timedelta(hours=settings.PAYMENT_DEADLINE_HOURS - settings.PAYMENT_DEADLINE_WARNING_HOURS)


def _warn(trips: QuerySet[Trip]) -> int:
    """A batch a statement; where two workers warn at once, the database keeps one warning of each trip."""
    count = 0
    while batch := list(trips.order_by().only("total", "started_at")[:BATCH]):
        TripEvent.objects.bulk_create([_warning(trip) for trip in batch], ignore_conflicts=True)
        count += len(batch)
    return count


def _warning(trip: Trip) -> TripEvent:
    detail = f"The card's token probably ends at {trip.deadline:%Y-%m-%d %H:%M} UTC."
    return TripEvent(trip=trip, kind=TripEvent.Kind.DEADLINE_NEAR, amount=trip.total, detail=detail)
