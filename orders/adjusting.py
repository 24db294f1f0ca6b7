"""What a trip's items cost after staff have changed some of them: pure arithmetic, no database.

An item that nobody changed keeps its price to the cent, even if its product costs something else by now.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from core import money
from orders.pricing import Price, Unpriceable, add_up, price_line, same_unit

NOTHING = Price(tax=money.ZERO, total=money.ZERO)


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the trip: how much of what, and what it costs. `price` is None while nobody knows."""

    quantity: Decimal
    unit: str
    unit_price: Decimal | None
    tax_rate: Decimal | None
    price: Price | None

    @property
    def tax(self) -> Decimal | None:
        return self.price.tax if self.price else None

    @property
    def total(self) -> Decimal | None:
        return self.price.total if self.price else None

    @property
    def is_counted(self) -> bool:
        """Pieces, not a weight."""
        return same_unit(self.unit, "unit")


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of an item; None leaves as it is what it stands for."""

    quantity: Decimal
    unit_price: Decimal | None = None
    tax_rate: Decimal | None = None


def changed(item: Item, change: Change, *, currency: str, tax_included: bool) -> Item:
    """The item with its new price; the same object where nothing changes. Raises Unpriceable."""
    wanted = replace(
        item,
        quantity=change.quantity,
        unit_price=item.unit_price if change.unit_price is None else change.unit_price,
        tax_rate=item.tax_rate if change.tax_rate is None else change.tax_rate,
    )
    if wanted == item:
        return item
    _check(item, wanted, currency)
    if not wanted.quantity:
        return replace(wanted, price=NOTHING)
    if wanted.unit_price is None or wanted.tax_rate is None:
        raise Unpriceable(_("it has no price yet: give it one, or remove it"))
    price = price_line(
        wanted.quantity, wanted.unit_price, wanted.tax_rate, currency=currency, tax_included=tax_included
    )
    return replace(wanted, price=price)


def total_of(items: Iterable[Item], *, currency: str) -> Price:
    """What they cost together. Raises Unpriceable when that is unknown, or more than we store."""
    prices = [item.price for item in items]
    if None in prices:
        raise Unpriceable(_("some item has no price yet: give it one, or remove it"))
    return add_up((price for price in prices if price), currency=currency)


def _check(item: Item, wanted: Item, currency: str) -> None:
    if wanted.quantity < 0:
        raise Unpriceable(_("the quantity is negative"))
    is_whole = wanted.quantity == wanted.quantity.to_integral_value()
    if wanted.is_counted and not is_whole and wanted.quantity != item.quantity:
        raise Unpriceable(_("it is counted in whole pieces"))
    if wanted.unit_price is not None and wanted.unit_price != item.unit_price:
        if wanted.unit_price < 0:
            raise Unpriceable(_("the price is negative"))
        if not money.is_exact(wanted.unit_price, currency):
            raise Unpriceable(
                _("%(currency)s has %(decimals)s decimals")
                % {"currency": currency, "decimals": money.decimals(currency)}
            )
    if wanted.tax_rate is not None and not 0 <= wanted.tax_rate <= 100:
        raise Unpriceable(_("a tax rate is between 0 and 100 %"))
