from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from stores.models import Barcode, Product, Store
from stores.services import find_products

pytestmark = pytest.mark.django_db


def shop(external_id: str) -> Store:
    store = Store.objects.create(
        external_id=external_id, name=external_id, region="us-east-1", time_zone="UTC", currency="USD"
    )
    for number in range(5):
        product = Product.objects.create(store=store, sku=f"SKU-{number}", name=f"{number}", price=Decimal(1))
        Barcode.objects.create(product=product, code=f"CODE-{number}")
    return store


def test_only_what_is_asked_for_and_of_this_store_is_found() -> None:
    here, there = shop("S1"), shop("S2")
    Product.objects.create(store=there, sku="ELSEWHERE", name="E", price=Decimal(1))

    found = find_products(here, skus=["SKU-1", "ELSEWHERE", "NOWHERE"], barcodes=["CODE-2", "NOWHERE"])

    assert found.by_sku == {"SKU-1": Product.objects.get(store=here, sku="SKU-1")}
    assert found.by_barcode == {"CODE-2": Product.objects.get(store=here, sku="SKU-2")}


def test_nothing_is_found_of_nothing() -> None:
    found = find_products(shop("S1"), skus=[], barcodes=[])

    assert (found.by_sku, found.by_barcode) == ({}, {})


def test_long_cart_takes_no_more_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    store = shop("S1")

    with django_assert_num_queries(2):
        found = find_products(
            store,
            skus=(f"SKU-{number}" for number in range(2000)),
            barcodes=(f"CODE-{number}" for number in range(2000)),
        )
        stores = {product.store_id for product in [*found.by_sku.values(), *found.by_barcode.values()]}

    assert (len(found.by_sku), len(found.by_barcode), stores) == (5, 5, {store.pk})
