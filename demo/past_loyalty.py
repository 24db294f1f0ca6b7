"""What a member's past visit left besides the trip: the scan at the gate or inside, and the points."""

from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from demo.charges import PastCharge
from demo.members import Person
from demo.refunds import PastRefund
from loyalty.models import Member, PointsEntry, Scan
from loyalty.services.points import points_for
from loyalty.services.scan_keys import staleness
from orders.models import Trip
from orders.states import Entry
from payments.services.points import earned_by, taken_back_by
from payments.states import RefundState

_OF_SO_MANY = 8


def past_scan(trip: Trip, cart: dict[str, Any], person: Person, member: Member) -> Scan:
    """The scan that a member's visit began with, or their loyalty card inside."""
    event = cart["shoppingTrip"]["authEvents"][-1]
    is_app = trip.entry == Entry.APP
    resolved = person.external_id if is_app else person.loyalty_code
    return Scan(
        kind=Scan.Kind.IDENTITY if is_app else Scan.Kind.LOYALTY,
        request_id=event["id"],
        event_id=event["id"],
        store=trip.store,
        member=member,
        shown=f"…{str(int(trip.started_at.timestamp()))[-4:]}" if is_app else f"…{resolved[-4:]}",
        location=event["authLocation"],
        at=trip.started_at,
        received_at=trip.started_at + timedelta(milliseconds=120),
        is_accepted=True,
        resolved_id=resolved,
        resolved_type="SHOPPER" if is_app else "LOYALTY",
    )


def past_refusal(scan: Scan) -> Scan | None:
    """Now and then the app's code was too old at first, and a fresh one opened the gate."""
    if scan.kind != Scan.Kind.IDENTITY or int(scan.at.timestamp()) % _OF_SO_MANY:
        return None
    at = scan.at - timedelta(seconds=20)
    return Scan(
        kind=scan.kind,
        request_id=str(uuid5(NAMESPACE_OID, scan.request_id)),
        event_id=str(uuid5(NAMESPACE_OID, scan.event_id)),
        store=scan.store,
        member=scan.member,
        shown=scan.shown,
        location=scan.location,
        at=at,
        received_at=at + timedelta(milliseconds=120),
        is_accepted=False,
        reason=staleness(at - timedelta(minutes=3), scanned=at),
    )


def past_points(trip: Trip, past: PastCharge, refund: PastRefund | None) -> list[PointsEntry]:
    """What the trip's money earned and its refund took back (payments.services.points)."""
    charge, rate = past.charge, trip.store.points_per_unit
    if trip.member is None or charge.captured_at is None:
        return []
    common = {"member": trip.member, "amazon_trip_id": trip.amazon_trip_id}
    points = points_for(charge.captured, rate)
    earned = PointsEntry(
        kind=PointsEntry.Kind.EARNED,
        points=points,
        rate=rate,
        reference=earned_by(trip),
        at=charge.captured_at,
        **common,
    )
    entries = [earned]
    if refund is not None and refund.refund.state == RefundState.DONE:
        entries.append(
            PointsEntry(
                kind=PointsEntry.Kind.TAKEN_BACK,
                points=points_for(charge.captured - refund.refund.amount, rate) - points,
                reference=taken_back_by(refund.refund),
                at=past.events[-1].at,
                **common,
            )
        )
    return [entry for entry in entries if entry.points]
