"""Items for the catalogue. Amazon: upload_catalog, catalog_data_overview, catalog_upload_test_cases.

Amazon also refuses stores it does not know; the sandbox knows no retailer's stores and takes every well-formed one.
That a whole upload is refused for one item, and the characters of a SKU, are our reading.
"""

import re

from sandbox.validation import NAME, TEXT, Fields, read_list, read_object, read_text, require

MOST_ITEMS = 10_000
MOST_OTHER_BARCODES = 50
SKU = re.compile(r"(?=.*\S)[ -~]{1,255}")
BARCODE_TYPES = re.compile("UPC|EAN|EAN8|ISBN|GTIN|PLU")
OPTIONAL_TEXTS = ("standard_price", "brand_name", "product_tax_code", "product_category", "product_subcategory")


def read_upload(body: object) -> list[Fields]:
    """The items, as they came."""
    items = [read_object(item) for item in read_list(read_object(body).get("catalogItems"))]
    require(1 <= len(items) <= MOST_ITEMS)
    for item in items:
        _check_item(item)
    return items


def read_ingestion_id(body: object) -> str:
    return read_text(read_object(body), "ingestionId", TEXT)


def _check_item(item: Fields) -> None:
    read_text(item, "item_sku", SKU)
    read_text(item, "item_name", TEXT)
    read_text(item, "store_id", NAME)
    _check_barcode(item)
    others = read_list(item.get("additional_external_product_information", []))
    require(len(others) <= MOST_OTHER_BARCODES)
    for other in others:
        _check_barcode(read_object(other))
    for name in OPTIONAL_TEXTS:
        if name in item:
            read_text(item, name, TEXT)


def _check_barcode(fields: Fields) -> None:
    read_text(fields, "external_product_id", TEXT)
    if "external_product_id_type" in fields:
        read_text(fields, "external_product_id_type", BARCODE_TYPES)
