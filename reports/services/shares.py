"""Which part of refunds takes back sales, and at which tax rates: reports.refund_shares, asked about what happened."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from core.money import ZERO, rounded
from orders.models import Adjustment, Line
from orders.pricing import Price
from payments.models import Charge, PaymentEvent, RefundLine
from reports.refund_shares import Given, Rate, Shares, Sold, shares_of
from reports.services.money_rows import refund_id
from reports.services.sums import rate_of_line, summed

Kind, Phase = PaymentEvent.Kind, PaymentEvent.Phase


def shares_of_moved(moved: list[PaymentEvent]) -> dict[UUID, Shares]:
    """Of the refunds among these events: of all that was ever refunded of their charges, since one refund depends on
    those before it. Six statements, none where nothing was refunded."""
    charges = {event.charge_id: event.charge for event in moved if event.kind == Kind.REFUND}
    return _shares(charges) if charges else {}


def _shares(charges: Mapping[int, Charge]) -> dict[UUID, Shares]:
    done = PaymentEvent.objects.filter(charge__in=charges, kind=Kind.REFUND, phase=Phase.SUCCEEDED).order_by("at", "pk")
    events = list(done)
    ids = [refund_id(event) for event in events]
    of_adjustments = set(Adjustment.objects.filter(key__in=ids).values_list("key", flat=True))
    items: defaultdict[UUID, defaultdict[Rate, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    parts = RefundLine.objects.filter(refund__refund_request_id__in=ids)
    for of_refund, rate, amount in parts.values_list("refund__refund_request_id", "line__tax_rate", "amount"):
        items[of_refund][rate or ZERO] += amount
    given: defaultdict[int, list[Given]] = defaultdict(list)
    for event, key in zip(events, ids, strict=True):
        given[event.charge_id].append(Given(key, event.amount or ZERO, key in of_adjustments, items[key]))
    rates: defaultdict[int, dict[Rate, Price]] = defaultdict(dict)
    lines = Line.objects.filter(trip__charge__in=charges, total__isnull=False).order_by()
    for charge, rate, tax, total in lines.values_list("trip__charge", rate_of_line()).annotate(
        taxes=summed("tax"), worth=summed("total")
    ):
        currency = charges[charge].currency
        rates[charge][rate] = Price(tax=rounded(tax, currency), total=rounded(total, currency))
    waived = dict(
        PaymentEvent.objects.filter(charge__in=charges, kind=Kind.DEBT, phase=Phase.WAIVED)
        .order_by()
        .values_list("charge")
        .annotate(sum=Sum("amount"))
    )
    found: dict[UUID, Shares] = {}
    for pk, charge in charges.items():
        in_store = charge.settled - rounded(waived.get(pk) or ZERO, charge.currency)
        overpaid = max(charge.captured + in_store - (charge.trip.total or ZERO), ZERO)
        found |= shares_of(Sold(charge.currency, rates[pk], overpaid), given[pk])
    return found
