"""Amounts as Stripe writes them: whole numbers of the smallest unit. Stripe: currencies."""

from decimal import Decimal

from amazon.outbound.errors import Refused
from core.money import Money

# Stripe's decimals and not ISO's: ISK and UGX have two there, whose last digits are 00.
_NONE = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THREE = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])


def minor_units(amount: Money) -> int:
    """1050 for $10.50, 1050 for ¥1,050. Raises Refused for what Stripe cannot take."""
    units = amount.amount.scaleb(_places(amount.currency))
    if units <= 0 or units % (10 if amount.currency in _THREE else 1):
        raise Refused(f"Stripe cannot take {amount}: not in this currency's steps.")
    return int(units)


def from_minor_units(units: int, currency: str) -> Money:
    return Money(Decimal(units).scaleb(-_places(currency)), currency)


def _places(currency: str) -> int:
    return 0 if currency in _NONE else 3 if currency in _THREE else 2
