"""What is bought: by product or category, the most first, and what of it comes back or is not known."""

from collections import defaultdict
from typing import Any

from django.db.models import Max, QuerySet, Sum

from core.money import ZERO, rounded
from reports.cells import Column, Kind, Value
from reports.models import ProductDay
from reports.pages.cards import cards_of
from reports.pages.links import Links
from reports.pages.page import Block, Page, Report, Row
from reports.periods import Period
from reports.query import Query
from reports.services.catalogue import every_sku_has_one_category
from reports.services.reading import freshness, now_and_before, to_sum, waiting
from reports.services.sums import QUANTITY, summed

GROUPS = {"product": "product", "category": "category", "unknown": "unknown item"}
# What comes first; the last one is for the shelf that nobody wants.
SORTS = {
    "sales": "best: sales, most first",
    "least": "worst: sales, least first",
    "quantity": "quantity, most first",
    "refunded": "refunded, most first",
    "unknown": "unknown items first",
}
_NAMES = [Column("product", "Product"), Column("sku", "SKU"), Column("category", "Category"), Column("unit", "Unit")]
_QUANTITY = Column("quantity", "Sold", Kind.QUANTITY)
_CAME_BACK = Column("refunded_quantity", "Came back", Kind.QUANTITY, "Of refunds by items, on the day of the refund.")
_NET = Column("net", "Without tax", Kind.MONEY)
_TAX = Column("tax", "Tax", Kind.MONEY)
_SALES = Column("sales", "Sales", Kind.MONEY)
_REFUNDED = Column("refunded", "Refunded", Kind.MONEY, "Of refunds by items, on the day of the refund.")
_UNKNOWN = Column("unknown", "Not known", Kind.COUNT, "Lines of carts in review that are no product of the store.")
UNKNOWN = "not a product of the store"
UNSORTED = "without a category"
_AMOUNTS = ("net", "tax", "sales", "refunded")
Lines = dict[str, list[Row]]
_ORDERS: dict[str, tuple[str, int]] = {
    "sales": ("sales", -1),
    "least": ("sales", 1),
    "quantity": ("quantity", -1),
    "refunded": ("refunded", -1),
    "unknown": ("unknown", -1),
}
# What tells the rows apart. The same SKU in several stores is one product here.
_KEYS = {
    "product": ("product__sku", "code", "unit"),
    "category": ("product__category",),
    "unknown": ("product__sku", "code", "unit"),
}


def columns(group: str) -> list[Column]:
    """Quantities of different units are not added, so that a category has none."""
    if group == "category":
        return [Column("category", "Category"), _NET, _TAX, _SALES, _REFUNDED, _UNKNOWN]
    return [*_NAMES, _QUANTITY, _NET, _TAX, _SALES, _CAME_BACK, _REFUNDED, _UNKNOWN]


def build(query: Query) -> Report:
    now, before = _lines(query)
    key, sign = _ORDERS[query.sort]

    def place(line: Row) -> tuple[Any, str]:
        return sign * (line[key] or 0), str(line["sku"] or line["category"])  # type: ignore[operator]

    wait, links = waiting(query), Links(query, "products")
    blocks = []
    for currency in sorted(now.keys() | before.keys()):
        total = _total(query, now.get(currency, []))
        then = _total(query, before.get(currency, [])) if query.previous else None
        cards = cards_of(links, [_SALES, _TAX, _REFUNDED, _UNKNOWN], currency, total, then)
        rows = sorted(now.get(currency, []), key=place)
        blocks.append(Block(currency, rows, total, then, cards=cards, **wait.get(currency, {})))
    return Report(query, columns(query.group), blocks, freshness())


def _lines(query: Query) -> tuple[Lines, Lines]:
    """By currency, now and before."""
    now: defaultdict[str, list[Row]] = defaultdict(list)
    before: defaultdict[str, list[Row]] = defaultdict(list)
    known_by = _known_by(query)

    def groups(asked: Query) -> QuerySet[Any]:
        return _groups(asked, known_by)

    for is_now, group in now_and_before(groups, query):
        (now if is_now else before)[group["currency"]].append(_row(query, group))
    return now, before


def _known_by(query: Query) -> tuple[str, ...]:
    """What has to be known of each product: of its category no more than the SKU, if that says it."""
    if query.group == "category" and query.is_about_everything and every_sku_has_one_category():
        return _KEYS["product"]
    return _KEYS[query.group]


def _groups(query: Query, known_by: tuple[str, ...]) -> QuerySet[Any]:
    rows = to_sum(ProductDay, query, "currency", *known_by).values("currency", *_KEYS[query.group])
    if query.group == "unknown":
        rows = rows.filter(product=None)
    sums: dict[str, Any] = {
        "name": Max("product__name"),
        "of_category": Max("product__category"),
        "sum_quantity": Sum("quantity", default=ZERO, output_field=QUANTITY),
        "sum_refunded_quantity": Sum("refunded_quantity", default=ZERO, output_field=QUANTITY),
        "sum_net": summed("net"),
        "sum_tax": summed("tax"),
        "sum_sales": summed("total"),
        "sum_refunded": summed("refunded"),
        "sum_unknown": Sum("unknown"),
    }
    groups: QuerySet[Any] = rows.annotate(**sums)
    return groups


def _row(query: Query, group: dict[str, Any]) -> Row:
    is_product = group["name"] is not None
    is_one = query.group != "category"
    values: dict[str, Value] = {
        "product": group["name"] or UNKNOWN,
        "sku": (group["product__sku"] or group["code"]) if is_one else "",
        "category": (group["of_category"] or UNSORTED) if is_product else UNKNOWN,
        "unit": group["unit"] if is_one else "",
        "quantity": group["sum_quantity"] if is_one else None,
        "refunded_quantity": group["sum_refunded_quantity"] if is_one else None,
        "unknown": group["sum_unknown"],
    }
    return values | {name: rounded(group[f"sum_{name}"], group["currency"]) for name in _AMOUNTS}


def _total(query: Query, lines: list[Row]) -> Row:
    sums: dict[str, Value] = {key: sum(line[key] or 0 for line in lines) for key in (*_AMOUNTS, "unknown")}  # type: ignore[misc]
    names = {"product": "Total", "sku": "", "category": "Total" if query.group == "category" else "", "unit": ""}
    return names | {"quantity": None, "refunded_quantity": None} | sums


def _fitting(period: Period) -> str:
    return "product"


PAGE = Page(
    key="products",
    title="Products",
    about="Items of trips that have a price, on the day the trip came.",
    groups=GROUPS,
    fitting=_fitting,
    compares=True,
    columns=columns,
    build=build,
    sorts=SORTS,
)
