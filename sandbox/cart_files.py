"""Carts from a file, with the placeholders Amazon's samples print in place of a retailer's own names."""

import json
from pathlib import Path
from random import Random
from typing import Any

from sandbox.random_carts import Cart, fresh_id
from sandbox.shoppers import LOYALTY_CODES


class CartFileError(Exception):
    """The text says what is wrong with the file."""


def read_cart(path: Path, *, store_id: str, sku: str) -> Cart:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CartFileError(f"Cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise CartFileError(f"{path} is not JSON: {error}") from error
    names = {
        "<INSERT_STORE_ID>": store_id,
        "<TEST_SKU>": sku,
        "<SAMPLE_SKU>": sku,
        "<INSERT_LOYALTY>": LOYALTY_CODES[0],
    }
    cart = _filled(content, names)
    if not isinstance(cart, dict) or "idempotentShoppingTripId" not in cart:
        raise CartFileError(f"{path} is not a cart: it has no idempotentShoppingTripId")
    return cart


def with_new_ids(cart: Cart, dice: Random) -> Cart:
    return cart | {"requestId": fresh_id(dice), "idempotentShoppingTripId": fresh_id(dice)}


def _filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value
