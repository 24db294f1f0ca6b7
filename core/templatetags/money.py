"""Amounts on pages: always with their currency."""

from decimal import Decimal

from django import template
from django.utils.translation import gettext as _

from core.money import Money

register = template.Library()


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """`{{ line.total|money:trip.currency }}`: `$4.20`, or a dash where there is no amount."""
    return "–" if amount is None else str(Money(amount, currency))


@register.filter
def plain(quantity: Decimal | None) -> str:
    """`0.347`, `2`: a quantity without its column's trailing zeros."""
    return "" if quantity is None else f"{quantity.normalize():f}"


@register.filter
def in_units(quantity: Decimal, unit: str) -> str:
    """`{{ line.quantity|in_units:line.unit }}`: `1 unit`, `2 units`, `0.347 kg`."""
    if unit != "unit":
        return f"{plain(quantity)} {unit}"
    words = _("%(quantity)s unit") if quantity == 1 else _("%(quantity)s units")
    return words % {"quantity": plain(quantity)}
