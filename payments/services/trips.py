"""Reading trips together with their money."""

from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from orders.models import Line, Trip
from payments.balances import Balances, compute
from payments.models import PaymentEvent, RefundLine
from payments.states import RefundState


def with_money(trips: QuerySet[Trip]) -> QuerySet[Trip]:
    """With all that balances_of, done_quantity and the timeline read: a fixed number of statements, however many."""
    refund_lines = RefundLine.objects.select_related("refund")
    return trips.select_related("store", "charge__card", "charge__debt", "charge__receipt").prefetch_related(
        Prefetch(
            "lines", Line.objects.select_related("product").prefetch_related(Prefetch("refund_lines", refund_lines))
        ),
        "events",
        "charge__events",
        "charge__refunds",
        "charge__feedback",
    )


def balances_of(trip: Trip) -> Balances:
    charge = getattr(trip, "charge", None)
    events: list[PaymentEvent] = list(charge.events.all()) if charge else []
    return compute(events, trip.currency)


def done_quantity(line: Line) -> Decimal:
    """How much of the line Amazon has refunded."""
    done = (part.quantity for part in line.refund_lines.all() if part.refund.state == RefundState.DONE)
    return sum(done, Decimal(0))
