"""What was sold on a day, and what was given back for it on that day, by product."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Q, Sum, Value, When

from core.money import ZERO, rounded
from orders.models import Line
from orders.pricing import UNITS
from payments.models import Refund, RefundLine
from reports.models import ProductDay
from reports.services.same_day import SameDay
from reports.services.sums import QUANTITY, currency_of, summed

_ProductKey = tuple[int, str, int | None, str, str]


def product_days(same: SameDay, refunds: dict[UUID, Refund]) -> Iterator[ProductDay]:
    found: dict[_ProductKey, ProductDay] = {}

    def row_of(group: Any) -> ProductDay:
        store, currency, product = group["in_store"], group["of_currency"], group["of_product"]
        unit = _plain_unit(group["unit"])
        code = "" if product else group["code"]
        key = (store, currency, product, code, unit)
        if key not in found:
            kinds = {"currency": currency, "product_id": product, "code": code, "unit": unit}
            found[key] = ProductDay(store_id=store, day=same.day, **kinds, **_NOTHING_SOLD)
        return found[key]

    for group in _sold(same):
        row, currency = row_of(group), group["of_currency"]
        row.quantity += group["sold"]
        row.unknown += group["unknown"]
        row.tax += rounded(group["taxes"], currency)
        row.total += rounded(group["worth"], currency)
        row.net = row.total - row.tax
    for group in _given_back(refunds):
        row = row_of(group)
        row.refunded_quantity += group["quantity"]
        row.refunded += group["amount"]
    yield from (row for row in found.values() if any(getattr(row, name) for name in _NOTHING_SOLD))


_NOTHING_SOLD: dict[str, Any] = {
    **dict.fromkeys(("quantity", "net", "tax", "total", "refunded_quantity", "refunded"), ZERO),
    "unknown": 0,
}
_CODE = Case(When(product__isnull=True, then=F("sku")), default=Value(""))


def _sold(same: SameDay) -> Iterable[Any]:
    """Of trips that have a price; of the others only the items that nobody knows."""
    has_price = Q(trip__total__isnull=False)
    lines = Line.objects.filter(**same.within("trip__received_at", "trip__store"))
    groups = lines.order_by().values(
        "unit", in_store=F("trip__store"), of_currency=currency_of("trip__"), of_product=F("product"), code=_CODE
    )
    return groups.annotate(
        sold=Sum("quantity", filter=has_price, default=ZERO, output_field=QUANTITY),
        unknown=Count("pk", filter=~has_price & Q(product__isnull=True)),
        taxes=summed("tax", filter=has_price),
        worth=summed("total", filter=has_price),
    )


def _given_back(refunds: dict[UUID, Refund]) -> Iterable[Any]:
    """What refunds name; one of an amount alone names no product."""
    parts = RefundLine.objects.filter(refund__in=[refund.pk for refund in refunds.values()]).order_by("pk")
    return parts.values(
        "quantity",
        "amount",
        unit=F("line__unit"),
        code=F("line__sku"),
        in_store=F("line__trip__store"),
        of_currency=F("refund__currency"),
        of_product=F("line__product"),
    )


def _plain_unit(spelling: str) -> str:
    """Amazon spells a unit in several ways."""
    word = spelling.strip().lower()
    return next((unit for unit, spellings in UNITS.items() if word in spellings), word)
