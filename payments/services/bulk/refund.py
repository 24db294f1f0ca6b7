"""An incident at a store: whole trips are given back."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from core.money import Money
from orders.models import Trip
from payments.models import BulkItem, BulkJob
from payments.services.bulk.act import Plan
from payments.services.refund_terms import refund_obstacle
from payments.services.refunds import request_refund
from payments.services.trips import balances_of, with_money
from payments.states import RefundState


class RefundTrips:
    """All that is left of each, as it was planned: had somebody else refunded meanwhile, the trip is not done."""

    right: ClassVar[str] = "payments.request_refund"

    def plan(self, trips: Sequence[int]) -> Iterator[Plan]:
        for trip in with_money(Trip.objects.filter(pk__in=trips)):
            balances = balances_of(trip)
            obstacle = refund_obstacle(trip, getattr(trip, "charge", None), balances)
            yield Plan(trip, obstacle=obstacle) if obstacle else Plan(trip, balances.refundable)

    def act(self, job: BulkJob, item: BulkItem) -> str:
        refund = request_refund(
            item.trip,
            refund_request_id=item.key,
            actor=job.person.get_username(),
            reason=job.reason,
            reason_label=job.reason_label,
            amount=item.amount,
            note=job.note,
        )
        becomes = "awaits approval" if refund.state == RefundState.PENDING_APPROVAL else "queued"
        return f"Refund of {Money(refund.amount, refund.currency)} {becomes}."
