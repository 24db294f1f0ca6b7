"""How two carts of one trip differ, in words for staff."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
from django.utils.translation import gettext as _

# A new request id alone makes no difference; items are compared by what they count.
_COMPARED_APART = {"requestId", "cartItems"}

Amounts = dict[tuple[str, str], Decimal]


def differences(first: bytes, later: bytes) -> list[str]:
    """One sentence per item whose quantity differs, then one for each other part that does."""
    before, after = msgspec.json.decode(first), msgspec.json.decode(later)
    return [*_item_differences(_amounts(before), _amounts(after)), *_other_differences(before, after)]


def _item_differences(before: Amounts, after: Amounts) -> Iterator[str]:
    for item in dict.fromkeys([*before, *after]):
        code, unit = item
        old, new = before.get(item), after.get(item)
        if old == new:
            continue
        if new is None:
            yield _("%(code)s: %(plain)s %(unit)s in the first cart, none in this one.") % {
                "code": code,
                "plain": _plain(old),
                "unit": unit,
            }
        elif old is None:
            yield _("%(code)s: %(plain)s %(unit)s in this cart, none in the first one.") % {
                "code": code,
                "plain": _plain(new),
                "unit": unit,
            }
        else:
            yield _("%(code)s: %(plain)s %(unit)s in the first cart, %(plain2)s %(unit)s in this one.") % {
                "code": code,
                "plain": _plain(old),
                "unit": unit,
                "plain2": _plain(new),
            }


def _other_differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for part in dict.fromkeys([*before, *after]):
        if part not in _COMPARED_APART and before.get(part) != after.get(part):
            yield _("“%(part)s” differs.") % {"part": part}
    is_same = _amounts(before) == _amounts(after)
    if is_same and before.get("cartItems") != after.get("cartItems"):
        yield _("The items and their quantities are the same; how they are written differs.")


def _amounts(cart: dict[str, Any]) -> Amounts:
    amounts: Amounts = defaultdict(Decimal)
    for item in cart.get("cartItems", []):
        quantity = item["quantity"]
        amounts[item["id"], quantity["unit"]] += Decimal(str(quantity["value"]))
    return dict(amounts)


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount.normalize():f}"
