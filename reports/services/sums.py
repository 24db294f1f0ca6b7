"""Adding up in the database: amounts, quantities and durations."""

from datetime import timedelta
from typing import Any

from django.db.models import DecimalField, DurationField, ExpressionWrapper, F, Sum, Value
from django.db.models.functions import Coalesce, NullIf

from core.money import DECIMAL_PLACES, ZERO

# Room for many days: SQLite's sums would otherwise not fit into what holds one amount.
AMOUNT = DecimalField(max_digits=24, decimal_places=DECIMAL_PLACES)
QUANTITY = DecimalField(max_digits=30, decimal_places=10)
_DURATION = DurationField()
_RATE = DecimalField(max_digits=6, decimal_places=3)


def summed(of: Any, **options: Any) -> Sum:
    """An amount, zero where there is nothing to add up. Round it to its currency: SQLite adds in floating point."""
    return Sum(of, default=ZERO, output_field=AMOUNT, **options)


def rate_of_line(path: str = "") -> Coalesce:
    """In percent. An item that was removed before it had a price has none, and costs nothing."""
    return Coalesce(f"{path}tax_rate", Value(ZERO), output_field=_RATE)


def lasting(until: str, since: str) -> Sum:
    return Sum(ExpressionWrapper(F(until) - F(since), output_field=_DURATION), output_field=_DURATION)


def in_seconds(duration: timedelta | None) -> int:
    return round((duration or timedelta(0)).total_seconds())


def currency_of(path: str = "") -> Coalesce:
    """Of a trip, found along `path`. One that was never priced may not name any: its store's then."""
    return Coalesce(NullIf(F(f"{path}currency"), Value("")), F(f"{path}store__currency"))
