"""The demo stores: who can get in, and what the cameras can see being taken. Prices are the retailer's business."""

from dataclasses import dataclass
from typing import Literal

Entry = Literal["CARD", "APP"]


@dataclass(frozen=True)
class Shop:
    """`weight` is the share of the random trips."""

    store_id: str
    currency: str
    entries: tuple[Entry, ...]
    skus: tuple[str, ...]
    weight: int = 1


DEMO_CARD_SKUS = (
    "WATER-500",
    "SANDWICH-BLT",
    "COFFEE-LATTE",
    "COFFEE-BEANS-250",
    "CROISSANT",
    "BANANA-KG",
    "APPLE-JUICE",
    "CHOC-BAR",
    "YOGURT-150",
    "SALAD-CAESAR",
    "CHIPS-SALT",
    "GUM-MINT",
)
DEMO_COMBO_SKUS = (
    "SANDWICH-BLT",
    "CRISPS",
    "TEA-EARLGREY",
    "SCONE",
    "SPARKLING-330",
    "CHOC-BAR",
    "FRUIT-POT",
    "SOUP-TOMATO",
)

SHOPS = (
    Shop("DEMO-CARD", "USD", ("CARD",), DEMO_CARD_SKUS, weight=2),
    Shop("DEMO-COMBO", "GBP", ("CARD", "APP"), DEMO_COMBO_SKUS, weight=2),
    Shop("DEMO-CHECKOUT", "USD", ("CARD",), DEMO_CARD_SKUS),
)

BARCODES = {"WATER-500": "012345678905", "CHOC-BAR": "5000159461122", "CRISPS": "5000328000121"}
SOLD_BY_KILOGRAM = frozenset({"BANANA-KG"})
UNKNOWN_SKU = "NOT-IN-CATALOG"


def shop_of(store_id: str) -> Shop | None:
    return next((shop for shop in SHOPS if shop.store_id == store_id), None)


def barcode_type(barcode: str) -> str:
    return "UPC" if len(barcode) == 12 else "EAN"
