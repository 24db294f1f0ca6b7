"""Which trips a person should look at."""

from datetime import UTC, datetime

from django.db.models import Q, QuerySet

from orders.models import DivergentCart, Trip
from orders.states import TripState
from payments.models import Charge, Refund
from payments.services.deadlines import uncollected_near_deadline, unpriced_near_deadline
from payments.services.feedback import not_taken
from payments.services.resolution import TRIES_BEFORE_A_PERSON
from payments.states import ChargeState, RefundState
from stores.models import PaymentFlow

# The waiting rows are few, and an index finds them.
_KEEPS_FAILING = Q(next_attempt_at__isnull=False, failed_attempts__gte=TRIES_BEFORE_A_PERSON)
# Of Amazon's other failures the deadline warns; a processor of our own has none.
_NEEDS_A_PERSON = Q(state=ChargeState.UNKNOWN) | Q(flow=PaymentFlow.OWN_PROCESSOR)
_TO_BE_DECIDED = [RefundState.FAILED, RefundState.PENDING_APPROVAL]


def needs_a_look(now: datetime | None = None) -> QuerySet[Trip]:
    """In review, failed, sent twice with different carts, near the deadline with the money still out, with a charge
    or a refund whose outcome stays unknown, with a charge that an own processor is asked for in vain, with a refund
    that failed or awaits approval, or with a last report that Amazon did not take.

    A union of short index scans: an OR over the trips would walk through all of them.
    """
    now = now or datetime.now(UTC)
    stuck = Trip.objects.filter(state__in=[TripState.REVIEW, TripState.FAILED])
    parts = [
        stuck.order_by().values("pk"),
        unpriced_near_deadline(now).order_by().values("pk"),
        uncollected_near_deadline(now).order_by().values("trip_id"),
        DivergentCart.objects.order_by().values("trip_id"),
        Charge.objects.filter(_KEEPS_FAILING, _NEEDS_A_PERSON).order_by().values("trip_id"),
        Refund.objects.filter(_KEEPS_FAILING, state=RefundState.UNKNOWN).order_by().values("charge__trip_id"),
        Refund.objects.filter(state__in=_TO_BE_DECIDED).order_by().values("charge__trip_id"),
        not_taken().order_by().values("charge__trip_id"),
    ]
    return Trip.objects.filter(pk__in=parts[0].union(*parts[1:], all=True))


def is_late(trip: Trip, now: datetime) -> bool:
    """Near or past the deadline, and it is Amazon that collects: the card's token ends, a member's account does not."""
    return trip.flow != PaymentFlow.OWN_PROCESSOR and trip.is_near_deadline(now)
