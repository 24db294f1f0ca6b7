"""How two carts of one trip differ, in words for staff."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

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
            yield f"{code}: {_plain(old)} {unit} in the first cart, none in this one."
        elif old is None:
            yield f"{code}: {_plain(new)} {unit} in this cart, none in the first one."
        else:
            yield f"{code}: {_plain(old)} {unit} in the first cart, {_plain(new)} {unit} in this one."


def _other_differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for part in dict.fromkeys([*before, *after]):
        if part not in _COMPARED_APART and before.get(part) != after.get(part):
            yield f"“{part}” differs."
    is_same = _amounts(before) == _amounts(after)
    if is_same and before.get("cartItems") != after.get("cartItems"):
        yield "The items and their quantities are the same; how they are written differs."


def _amounts(cart: dict[str, Any]) -> Amounts:
    amounts: Amounts = defaultdict(Decimal)
    for item in cart.get("cartItems", []):
        quantity = item["quantity"]
        amounts[item["id"], quantity["unit"]] += Decimal(str(quantity["value"]))
    return dict(amounts)


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount.normalize():f}"
