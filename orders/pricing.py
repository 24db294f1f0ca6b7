"""What a line costs: pure arithmetic, no database.

Each line's tax is rounded half up to the currency's decimals; totals are the sums of their lines, never computed apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core import money

# Amazon names units by javax.measure or by hand; the spellings seen in carts, by our own name for the unit.
UNITS = {
    "unit": {"unit", "units", "each", "ea", "piece", "count"},
    "kg": {"kg", "kilogram", "kilograms"},
    "g": {"g", "gram", "grams"},
    "lb": {"lb", "lbs", "pound", "pounds"},
    "oz": {"oz", "ounce", "ounces"},
}
_UNIT_OF = {spelling: unit for unit, spellings in UNITS.items() for spelling in spellings}


class Unpriceable(Exception):
    """This line cannot be priced; the text says why."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one line costs. `total` is what the shopper pays for it: net and tax."""

    tax: Decimal
    total: Decimal

    @property
    def net(self) -> Decimal:
        return self.total - self.tax


def same_unit(left: str, right: str) -> bool:
    """Whether two spellings mean the same unit: `unit` and `each`, `kg` and `KILOGRAM`."""
    left, right = left.strip().lower(), right.strip().lower()
    return _UNIT_OF.get(left, left) == _UNIT_OF.get(right, right)


def price_line(
    quantity: Decimal, unit_price: Decimal, tax_rate: Decimal, *, currency: str, tax_included: bool
) -> Price:
    """Price a line. `tax_rate` is in percent; `unit_price` holds the tax when `tax_included`.

    Raises Unpriceable for a negative quantity or an amount beyond what we store.
    """
    if quantity < 0:
        raise Unpriceable("the quantity is negative")
    amount = quantity * unit_price
    if amount > money.LARGEST / 4:
        raise Unpriceable("the amount is too large")
    shelf = money.rounded(amount, currency)
    if tax_included:
        return Price(tax=money.rounded(shelf * tax_rate / (100 + tax_rate), currency), total=shelf)
    tax = money.rounded(shelf * tax_rate / 100, currency)
    return Price(tax=tax, total=shelf + tax)


def add_up(prices: Iterable[Price], *, currency: str) -> Price:
    """The sum of the lines, to the cent. Raises Unpriceable when it is more than we store."""
    tax = total = money.rounded(money.ZERO, currency)
    for price in prices:
        tax += price.tax
        total += price.total
    if total > money.LARGEST / 4:
        raise Unpriceable("the total is too large")
    return Price(tax=tax, total=total)
