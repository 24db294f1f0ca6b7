"""Which trips a person should look at."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from orders.models import DivergentCart, Trip
from orders.states import TripState
from payments.models import Charge, Refund
from payments.states import ChargeState, RefundState
from stores.models import PaymentFlow

# After so many tries it has stopped being a hiccup. The waiting rows are few, and an index finds them.
_STAYS_UNKNOWN = Q(next_attempt_at__isnull=False, failed_attempts__gte=3)


def needs_a_look(now: datetime | None = None) -> QuerySet[Trip]:
    """In review, failed, sent twice with different carts, near the deadline with the money still out, or with a charge
    or a refund whose outcome stays unknown.

    A union of short index scans: an OR over the trips would walk through all of them.
    """
    hours = settings.PAYMENT_DEADLINE_HOURS - settings.PAYMENT_DEADLINE_WARNING_HOURS
    begun_before = (now or datetime.now(UTC)) - timedelta(hours=hours)
    stuck = Trip.objects.filter(state__in=[TripState.REVIEW, TripState.FAILED])
    unpriced = Trip.objects.filter(state=TripState.RECEIVED, started_at__lte=begun_before)
    uncollected = Charge.objects.filter(next_attempt_at__isnull=False, trip__started_at__lte=begun_before)
    parts = [
        stuck.order_by().values("pk"),
        unpriced.order_by().values("pk"),
        uncollected.order_by().values("trip_id"),
        DivergentCart.objects.order_by().values("trip_id"),
        Charge.objects.filter(_STAYS_UNKNOWN, state=ChargeState.UNKNOWN).order_by().values("trip_id"),
        Refund.objects.filter(_STAYS_UNKNOWN, state=RefundState.UNKNOWN).order_by().values("charge__trip_id"),
        Refund.objects.filter(state=RefundState.FAILED).order_by().values("charge__trip_id"),
    ]
    return Trip.objects.filter(pk__in=parts[0].union(*parts[1:], all=True))


def is_late(trip: Trip, now: datetime) -> bool:
    """Near or past the deadline, and Amazon's payment service is what collects it."""
    return trip.flow == PaymentFlow.PAYMENT_SERVICE and trip.is_near_deadline(now)
