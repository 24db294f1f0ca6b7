"""Points follow the money: what a member has for a trip is what is captured less what is refunded, times the rate.

Everything here runs in the transaction of the money event, with the trip locked, so that a member who becomes known at
the same moment is either seen here or sees what was done here.
"""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Prefetch, Sum

from core import money
from loyalty.models import PointsEntry
from loyalty.services import points
from loyalty.services.points import points_for
from orders.models import Trip
from payments.models import Charge, Refund
from payments.states import RefundState

# Before the trip's id: the reference of what it earned.
EARNED = "earned/"


def earn_points(trip: Trip, captured: Decimal) -> None:
    """The trip's money was captured; `trip` is locked. Nothing happens without a member, or when done before."""
    if trip.member is None:
        return
    rate = trip.store.points_per_unit
    points.earn(
        trip.member,
        points=points_for(captured, rate),
        reference=earned_by(trip),
        amazon_trip_id=trip.amazon_trip_id,
        rate=rate,
    )


def take_points_back(charge: Charge, refund: Refund) -> None:
    """A refund was done and is saved; the charge and its trip are locked. As many points go as the member has too many
    for the trip.
    """
    trip = charge.trip
    if trip.member is None:
        return
    earned = PointsEntry.objects.filter(reference=earned_by(trip)).first()
    if earned is None or earned.rate is None:
        return
    done = charge.refunds.filter(state=RefundState.DONE).aggregate(sum=Sum("amount"))["sum"] or money.ZERO
    entries = PointsEntry.objects.filter(member=trip.member, amazon_trip_id=trip.amazon_trip_id)
    standing = entries.aggregate(sum=Sum("points"))["sum"]
    _take_back(trip, refund, standing - points_for(charge.captured - done, earned.rate))


def catch_up(trips: Iterable[Trip]) -> None:
    """These trips found their member after they may have been settled: earn, and take back what was refunded since."""
    done = Prefetch("refunds", Refund.objects.filter(state=RefundState.DONE).order_by("id"))
    by_pk = {trip.pk: trip for trip in trips}
    for charge in Charge.objects.filter(trip__in=by_pk, captured__gt=0).prefetch_related(done):
        trip = by_pk[charge.trip_id]
        rate, left = trip.store.points_per_unit, charge.captured
        earn_points(trip, left)
        for refund in charge.refunds.all():
            _take_back(trip, refund, points_for(left, rate) - points_for(left - refund.amount, rate))
            left -= refund.amount


def earned_by(trip: Trip) -> str:
    """The reference of what a trip earned."""
    return f"{EARNED}{trip.amazon_trip_id}"


def taken_back_by(refund: Refund) -> str:
    """The reference of what a refund took back."""
    return f"refund/{refund.refund_request_id}"


def _take_back(trip: Trip, refund: Refund, number: int) -> None:
    if trip.member is not None and number > 0:
        reference = taken_back_by(refund)
        points.take_back(trip.member, points=number, reference=reference, amazon_trip_id=trip.amazon_trip_id)
