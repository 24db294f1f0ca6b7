"""Trips by what became of their refunds: the rows that are not settled yet are few, and an index finds them."""

from typing import Any

from django.db.models import QuerySet

from payments.models import Refund
from payments.states import RefundState

UNDER_WAY = (RefundState.PENDING_APPROVAL, RefundState.QUEUED, RefundState.SENT, RefundState.UNKNOWN)


def with_refund_under_way(trips: QuerySet[Any]) -> QuerySet[Any]:
    return _with_refund(trips, *UNDER_WAY)


def with_failed_refund(trips: QuerySet[Any]) -> QuerySet[Any]:
    return _with_refund(trips, RefundState.FAILED)


def _with_refund(trips: QuerySet[Any], *states: RefundState) -> QuerySet[Any]:
    return trips.filter(pk__in=Refund.objects.filter(state__in=states).order_by().values("charge__trip_id"))
