"""Trips on days that tests name, counted."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management import call_command

from orders.models import Trip
from payments.models import PaymentEvent, Refund
from payments.tests.admin_rows import an_event, paid_trip
from reports.models import Fold
from reports.tasks import fold_due
from stores.models import Store
from stores.tests.rows import a_store

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def a_paid_trip(store: Store, day: date, total: str = "10.00", *, hour: int = 12, **fields: Any) -> Trip:
    """Received then by the store's clock, 15 minutes in the store, captured 65 seconds after."""
    came = datetime.combine(day, time(hour), ZoneInfo(store.time_zone)).astimezone(UTC)
    started_at = came - timedelta(minutes=16)
    return paid_trip(total, store=store, currency=store.currency, started_at=started_at, **fields)


def local_day(moment: datetime, store: Store) -> date:
    return moment.astimezone(ZoneInfo(store.time_zone)).date()


def refunded(trip: Trip, amount: str, day: date, *, reason: str = "Wrong price", person: str = "ann") -> Refund:
    refund = Refund.objects.create(
        charge=trip.charge,
        amount=Decimal(amount),
        currency=trip.currency,
        state="done",
        reason="OTHER",
        reason_label=reason,
        requested_by=person,
    )
    at = datetime.combine(day, time(12), ZoneInfo(trip.store.time_zone))
    an_event(trip.charge, PaymentEvent.Kind.REFUND, PaymentEvent.Phase.SUCCEEDED, amount, key=refund.event_key, at=at)
    return refund


def happened_to_debt(trip: Trip, phase: str, amount: str, day: date, *, key: str = "1") -> None:
    """At noon by the store's clock. `key` tells two of a kind apart; `card/…` is what the card paid later."""
    at = datetime.combine(day, time(12), ZoneInfo(trip.store.time_zone))
    an_event(trip.charge, PaymentEvent.Kind.DEBT, phase, amount, key=key, at=at)


def folded() -> None:
    """As workers whose time has come."""
    Fold.objects.update(next_attempt_at=LONG_AGO)
    fold_due()


def counted() -> None:
    """Whatever stands there, on the days on which something happened and those beside them."""
    moments = [*Trip.objects.values_list("received_at", flat=True), *PaymentEvent.objects.values_list("at", flat=True)]
    days = {moment.date() + timedelta(days=number) for moment in moments for number in (-1, 0, 1)}
    while days:
        first = last = min(days)
        while last in days:
            days.remove(last)
            last += timedelta(days=1)
        call_command("rebuild_rollups", first=first, last=last, stdout=StringIO())


__all__ = ["a_paid_trip", "a_store", "counted", "folded", "happened_to_debt", "local_day", "refunded"]
