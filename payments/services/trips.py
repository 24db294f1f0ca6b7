"""Reading trips together with their money."""

from collections import defaultdict
from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from orders.models import Adjustment, AdjustmentLine, Line, Trip
from payments.balances import Balances, compute
from payments.models import ContestedCart, PaymentEvent, RefundLine
from payments.states import RefundState


def with_money(trips: QuerySet[Trip]) -> QuerySet[Trip]:
    """With all that balances_of, done_quantity and the timeline read: a fixed number of statements, however many."""
    refund_lines = RefundLine.objects.select_related("refund")
    return trips.select_related("store", "charge__card", "charge__debt", "charge__receipt").prefetch_related(
        Prefetch(
            "lines",
            Line.objects.select_related("product").prefetch_related(
                Prefetch("refund_lines", refund_lines), changes_of_lines()
            ),
        ),
        contests_of_trips(),
        "events",
        "charge__events",
        "charge__refunds",
        "charge__feedback",
    )


def changes_of_lines() -> "Prefetch[str]":
    """What staff changed of each line; `adjustments_of` reads it."""
    return Prefetch("changes", AdjustmentLine.objects.select_related("adjustment"))


def contests_of_trips() -> "Prefetch[str]":
    contests = ContestedCart.objects.select_related("answer").prefetch_related("lines__line__product", "lines__product")
    return Prefetch("contests", contests)


def adjustments_of(trip: Trip) -> list[tuple[Adjustment, list[AdjustmentLine]]]:
    """Oldest first, each with the lines it changed."""
    changes: defaultdict[Adjustment, list[AdjustmentLine]] = defaultdict(list)
    for line in trip.lines.all():
        for change in line.changes.all():
            change.line = line
            changes[change.adjustment].append(change)
    return sorted(changes.items(), key=lambda item: item[0].pk)


def balances_of(trip: Trip) -> Balances:
    charge = getattr(trip, "charge", None)
    events: list[PaymentEvent] = list(charge.events.all()) if charge else []
    return compute(events, trip.currency)


def done_quantity(line: Line) -> Decimal:
    """How much of the line Amazon has refunded."""
    done = (part.quantity for part in line.refund_lines.all() if part.refund.state == RefundState.DONE)
    return sum(done, Decimal(0))
