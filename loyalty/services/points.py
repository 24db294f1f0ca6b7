"""The ledger of points: append-only, each entry once by its reference; the balance is the sum."""

from datetime import datetime
from decimal import ROUND_FLOOR, Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid
from loyalty.models import Member, PointsEntry

MOST_AT_ONCE = 1_000_000_000

Kind = PointsEntry.Kind


def points_for(amount: Decimal, rate: Decimal) -> int:
    """What an amount of money is worth at so many points per unit: whole points only."""
    return int((amount * rate).to_integral_value(ROUND_FLOOR))


def earn(
    member: Member,
    *,
    points: int,
    reference: str,
    amazon_trip_id: str,
    rate: Decimal | None = None,
    at: datetime | None = None,
) -> None:
    """Add points; nothing happens for a reference that has an entry. `at` is now unless it is given."""
    entry = PointsEntry(
        member=member, kind=Kind.EARNED, points=points, reference=reference, amazon_trip_id=amazon_trip_id, rate=rate
    )
    _append(entry, at)


def take_back(member: Member, *, points: int, reference: str, amazon_trip_id: str, at: datetime | None = None) -> None:
    """Take so many points (a positive number) away again; nothing happens for a reference that has an entry."""
    entry = PointsEntry(
        member=member, kind=Kind.TAKEN_BACK, points=-points, reference=reference, amazon_trip_id=amazon_trip_id
    )
    _append(entry, at)


def correct(member: Member, *, points: int, note: str, actor: str, reference: str) -> None:
    """Staff add or take points by hand. Raises Invalid without a number or a note, Conflict for a form sent twice."""
    if not points or abs(points) > MOST_AT_ONCE:
        raise Invalid(
            _("Enter how many points are added, or taken with a minus: not 0, at most %(most_at_once)s.")
            % {"most_at_once": f"{MOST_AT_ONCE:,}"}
        )
    if not note.strip():
        raise Invalid(_("Say why the points are corrected."), field="note")
    entry = PointsEntry(
        member=member, kind=Kind.CORRECTED, points=points, reference=reference, actor=actor, note=note.strip()
    )
    if PointsEntry.objects.filter(reference=reference).exists():
        raise Conflict(_("This correction was made before; the form was sent twice."))
    _append(entry, None)


def balance(member: Member) -> int:
    total: int | None = member.points_entries.aggregate(total=Sum("points"))["total"]
    return total or 0


def _append(entry: PointsEntry, at: datetime | None) -> None:
    if at is not None:
        entry.at = at
    if entry.points:
        PointsEntry.objects.bulk_create([entry], ignore_conflicts=True)
