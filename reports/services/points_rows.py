"""Points that trips of a day earned, and that refunds of a day took back. Each entry is found by its reference."""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from django.db.models import F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Concat

from loyalty.models import PointsEntry
from payments.models import Refund
from payments.services.points import EARNED, taken_back_by
from reports.models import PointsDay
from reports.services.same_day import SameDay
from reports.services.sums import currency_of

# A store and a currency.
_Place = tuple[int, str]


def points_days(same: SameDay, refunds: dict[UUID, Refund]) -> Iterator[PointsDay]:
    earned, taken_back = _earned(same), _taken_back(refunds)
    for place in earned.keys() | taken_back.keys():
        store, currency = place
        yield PointsDay(
            store_id=store,
            day=same.day,
            currency=currency,
            earned=earned.get(place, 0),
            taken_back=taken_back.get(place, 0),
        )


def _earned(same: SameDay) -> dict[_Place, int]:
    entry = PointsEntry.objects.filter(reference=Concat(Value(EARNED), OuterRef("amazon_trip_id"))).order_by()
    of_members = same.came().filter(member__isnull=False).values(in_store=F("store"), in_currency=currency_of())
    sums = of_members.annotate(points=Sum(Subquery(entry.values("points"))))
    return {(group["in_store"], group["in_currency"]): group["points"] for group in sums if group["points"]}


def _taken_back(refunds: dict[UUID, Refund]) -> dict[_Place, int]:
    """A positive number."""
    by_reference = {taken_back_by(refund): refund for refund in refunds.values()}
    found: defaultdict[_Place, int] = defaultdict(int)
    entries = PointsEntry.objects.filter(reference__in=by_reference) if by_reference else PointsEntry.objects.none()
    for reference, points in entries.values_list("reference", "points"):
        refund = by_reference[reference]
        found[refund.charge.trip.store_id, refund.currency] -= points
    return found
