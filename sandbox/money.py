"""Amounts: Decimal in Python, a plain number or a text on Amazon's wire, text with two decimals in the books."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str


def round_to_cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def amount_text(amount: Decimal) -> str:
    """At least two decimals; more are kept, because Amazon limits the decimals of a refund only."""
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -2:
        return format(amount, "f")
    return format(amount.quantize(CENT), "f")
