"""After an outage, a wrong key or a missing permission: what failed is tried again."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from django.utils.translation import gettext as _

from core import money
from core.errors import Conflict
from core.money import Money
from orders.models import Trip
from payments.models import BulkItem, BulkJob, Refund
from payments.services.bulk.act import Plan
from payments.services.collection import retry_charge, retry_obstacle
from payments.services.refunds import retry_refund
from payments.states import RefundState


class CollectAgain:
    right: ClassVar[str] = "payments.retry_charge"

    def plan(self, trips: Sequence[int]) -> Iterator[Plan]:
        for trip in Trip.objects.filter(pk__in=trips).select_related("charge__debt"):
            charge = getattr(trip, "charge", None)
            if charge is None:
                yield Plan(trip, obstacle=_("It is not priced yet, so no money was asked for."))
            elif obstacle := retry_obstacle(charge):
                yield Plan(trip, obstacle=obstacle)
            else:
                yield Plan(trip, Money(charge.outstanding, charge.currency))

    def act(self, job: BulkJob, item: BulkItem) -> str:
        retry_charge(item.trip.charge, actor=job.person.get_username())
        return "The money is asked for again."


class SendRefundsAgain:
    right: ClassVar[str] = "payments.request_refund"

    def plan(self, trips: Sequence[int]) -> Iterator[Plan]:
        for trip in Trip.objects.filter(pk__in=trips).select_related("store").prefetch_related("charge__refunds"):
            charge = getattr(trip, "charge", None)
            failed = [refund for refund in charge.refunds.all() if _has_failed(refund)] if charge else []
            if not failed:
                yield Plan(trip, obstacle=_("None of its refunds has failed."))
            else:
                yield Plan(trip, Money(sum((refund.amount for refund in failed), money.ZERO), failed[0].currency))

    def act(self, job: BulkJob, item: BulkItem) -> str:
        failed = list(Refund.objects.filter(charge__trip=item.trip, state=RefundState.FAILED))
        if not failed:
            raise Conflict("None of its refunds has failed any more.")
        for refund in failed:
            retry_refund(refund, actor=job.person.get_username())
        return "1 refund queued again." if len(failed) == 1 else f"{len(failed)} refunds queued again."


def _has_failed(refund: Refund) -> bool:
    return bool(refund.state == RefundState.FAILED)
