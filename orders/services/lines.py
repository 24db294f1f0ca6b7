"""From Amazon's items to lines that say what they are and what they cost, in a finished cart or while shopping."""

from collections.abc import Iterable, Sequence

from orders.models import Line
from orders.pricing import Price, Unpriceable, price_line, same_unit
from orders.wire import CartItem
from stores.models import Product, Store
from stores.services import Assortment, find_products


def lines_of(items: Iterable[CartItem]) -> list[Line]:
    """A line for each item, in Amazon's order; of no trip yet, and not priced."""
    return [_line(position, item) for position, item in enumerate(items, start=1)]


def price_lines(lines: Sequence[Line], store: Store) -> list[Price]:
    """Fill in what the lines are and cost here, and return the prices of those that can be priced.

    A line that cannot has the reason in `problem`. Two statements, however many lines there are.
    """
    assortment = find_products(
        store,
        skus=[line.sku for line in lines if not line.is_scan_code],
        barcodes=[code for line in lines for code in line.barcodes],
    )
    return [price for line in lines if (price := _price(line, store, assortment)) is not None]


def _line(position: int, item: CartItem) -> Line:
    is_scan_code = item.type == "SCANCODE"
    barcodes = [identifier.id for identifier in item.external_identifiers or []]
    return Line(
        position=position,
        sku=item.id,
        is_scan_code=is_scan_code,
        barcodes=[item.id, *barcodes] if is_scan_code else barcodes,
        line_item_id=item.line_item_id or "",
        quantity=item.quantity.amount,
        unit=item.quantity.unit,
    )


def _price(line: Line, store: Store, assortment: Assortment) -> Price | None:
    """Fill in the line. None, and `line.problem`, when it cannot be priced."""
    line.problem = ""
    try:
        product = line.product or _find(line, assortment)
        if not same_unit(line.unit, product.unit):
            raise Unpriceable(f"sold by {product.unit}, but the cart counts {line.unit}")
        price = price_line(
            line.quantity,
            product.price,
            product.tax_rate,
            currency=store.currency,
            tax_included=store.prices_include_tax,
        )
    except Unpriceable as error:
        line.problem = str(error)[:300]
        line.unit_price = line.tax_rate = line.tax = line.total = None
        return None
    line.product, line.name = product, product.name
    line.unit_price, line.tax_rate = product.price, product.tax_rate
    line.tax, line.total = price.tax, price.total
    return price


def _find(line: Line, assortment: Assortment) -> Product:
    if not line.is_scan_code and line.sku in assortment.by_sku:
        return assortment.by_sku[line.sku]
    found = {product.pk: product for code in line.barcodes if (product := assortment.by_barcode.get(code))}
    if not found:
        raise Unpriceable("no product has this SKU or barcode")
    if len(found) > 1:
        raise Unpriceable("its barcodes stand for several products")
    return next(iter(found.values()))
