"""Finding what a store sells."""

from collections.abc import Iterable
from dataclasses import dataclass

from stores.models import Barcode, Product, Store


@dataclass(frozen=True, slots=True)
class Assortment:
    """The products of one store that some codes stand for."""

    by_sku: dict[str, Product]
    by_barcode: dict[str, Product]


def find_products(store: Store, *, skus: Iterable[str], barcodes: Iterable[str]) -> Assortment:
    """The products with these SKUs and with these barcodes: two statements, however long the cart is."""
    wanted = set(barcodes)
    by_barcode = {}
    if wanted:
        rows = Barcode.objects.filter(store=store, code__in=wanted).select_related("product")
        by_barcode = {barcode.code: barcode.product for barcode in rows}
    by_sku = {product.sku: product for product in Product.objects.filter(store=store, sku__in=set(skus))}
    return Assortment(by_sku, by_barcode)
