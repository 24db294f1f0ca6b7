"""Adjusting as tests need it: what staff would do in the dialog, by the services alone."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db.models import Sum

from orders.adjusting import Change
from orders.models import Adjustment, Line, Trip
from orders.services.adjusting import Wanted
from payments.models import Debt, Refund
from payments.services.adjustments import adjust_trip, plan_adjustment
from payments.services.debts import paid
from payments.services.trips import balances_of
from payments.tests.trips import fresh
from stores.models import Product


def wanted(trip: Trip, *changes: tuple[int, str] | tuple[int, str, str], add: tuple[str, str] | None = None) -> Wanted:
    """Each change: the line's position, its new quantity and, if it is given, its new price. `add`: price, quantity."""
    lines = {line.position: line.pk for line in trip.lines.all()}
    added = []
    if add is not None:
        price, quantity = add
        fields = {"name": f"Thing at {price}", "price": Decimal(price)}
        product, _ = Product.objects.get_or_create(store=trip.store, sku=f"AT-{price}", defaults=fields)
        added = [(product, Decimal(quantity))]
    return Wanted({lines[at]: Change(*(Decimal(number) for number in rest)) for at, *rest in changes}, added)


def adjust(trip: Trip, *changes: Any, add: tuple[str, str] | None = None, **fields: Any) -> Adjustment:
    """At once: what the plan showed is what is done."""
    what = wanted(trip, *changes, add=add)
    options = {"key": uuid4(), "reason": "not_taken", "actor": "manager"} | fields
    shown = plan_adjustment(trip, what, actor=options["actor"]).fingerprint
    return adjust_trip(trip, what, shown=shown, **options)


def assert_adds_up(trip: Trip) -> None:
    """The lines, the trip, its charge, its debt and its events say the same."""
    trip = fresh(trip)
    charge, balances = trip.charge, balances_of(trip)
    lines = Line.objects.filter(trip=trip).aggregate(total=Sum("total"), tax=Sum("tax"))
    assert (round(lines["total"] or 0, 4), round(lines["tax"] or 0, 4)) == (trip.total, trip.tax)
    assert trip.total == trip.subtotal + trip.tax
    owed = sum((debt.owed for debt in Debt.objects.filter(charge=charge)), Decimal(0))
    if charge.captured_at or charge.settled or owed:
        assert charge.amount == max(trip.total, charge.captured + charge.settled)
        assert charge.captured + charge.settled + owed == charge.amount
    else:
        assert charge.amount == trip.total
    assert balances.outstanding.amount == owed
    assert balances.captured.amount == charge.captured
    assert (balances.refunded + balances.refund_pending).amount == charge.committed
    assert 0 <= charge.committed <= charge.captured
    refunded = Refund.objects.filter(charge=charge).exclude(state__in=["failed", "rejected", "withdrawn"])
    assert sum((refund.amount for refund in refunded), Decimal(0)) == charge.committed
    if paid(charge) > trip.total:
        assert charge.committed >= min(paid(charge) - trip.total, charge.captured) or not charge.captured
