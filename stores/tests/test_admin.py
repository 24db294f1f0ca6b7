from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stores.events import assortment_changed
from stores.models import Barcode, Product, Store

PRODUCTS = "/admin/stores/product/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def news() -> Any:
    """The stores whose assortment was said to have changed, and whether it was said inside a transaction."""
    heard: list[tuple[int, bool]] = []

    def listen(store_id: int, **kwargs: Any) -> None:
        heard.append((store_id, connection.in_atomic_block))

    assortment_changed.connect(listen)
    yield heard
    assortment_changed.disconnect(listen)


def a_store(external_id: str = "corner", **fields: Any) -> Store:
    known = {"name": external_id.title(), "region": "us-east-1", "time_zone": "America/New_York", "currency": "USD"}
    return Store.objects.create(external_id=external_id, **(known | fields))


def a_product(store: Store, sku: str = "APPLE") -> Product:
    return Product.objects.create(store=store, sku=sku, name=sku.title(), price=Decimal("1.20"))


def form(store: Store | None, *codes: str, **fields: Any) -> dict[str, Any]:
    known = {"name": "Apple", "sku": "APPLE", "price": "1.20", "unit": "unit", "tax_rate": "0"}
    if store:
        known["store"] = str(store.pk)
    rows = {"barcodes-TOTAL_FORMS": len(codes), "barcodes-INITIAL_FORMS": 0}
    return known | rows | {f"barcodes-{number}-code": code for number, code in enumerate(codes)} | fields


def test_a_store_is_added(admin_client: Client) -> None:
    fields = {
        "external_id": "shop-1",
        "name": "Shop",
        "region": "us-east-1",
        "time_zone": "America/New_York",
        "currency": "USD",
        "card_flow": "PAYMENT_SERVICE",
        "app_flow": "OWN_PROCESSOR",
        "processor": "house_account",
        "refund_window_days": "7",
        "points_per_unit": "0",
    }
    assert admin_client.post("/admin/stores/store/add/", fields | {"time_zone": "Mars/Base"}).status_code == 200
    assert not Store.objects.exists()

    assert admin_client.post("/admin/stores/store/add/", fields).status_code == 302
    assert Store.objects.get().external_id == "shop-1"


def test_a_new_product_is_news_in_the_same_transaction(admin_client: Client, news: list[Any]) -> None:
    store = a_store()

    assert admin_client.post(f"{PRODUCTS}add/", form(store, "4006381333931")).status_code == 302

    assert Barcode.objects.get().store == store
    assert news == [(store.pk, True)]


def test_a_new_price_and_a_new_barcode_are_news(admin_client: Client, news: list[Any]) -> None:
    product = a_product(a_store())

    admin_client.post(f"{PRODUCTS}{product.pk}/change/", form(None, "123", price="1.30"))

    assert Product.objects.get().price == Decimal("1.30")
    assert news == [(product.store_id, True)]


def test_a_removed_barcode_is_news(admin_client: Client, news: list[Any]) -> None:
    product = a_product(a_store())
    barcode = product.barcodes.create(code="123", store=product.store)
    row = {"barcodes-INITIAL_FORMS": 1, "barcodes-0-id": barcode.pk, "barcodes-0-product": product.pk}

    admin_client.post(f"{PRODUCTS}{product.pk}/change/", form(None, "123", **row, **{"barcodes-0-DELETE": "on"}))

    assert not Barcode.objects.exists()
    assert news == [(product.store_id, True)]


def test_a_deleted_product_is_news(admin_client: Client, news: list[Any]) -> None:
    product = a_product(a_store())

    admin_client.post(f"{PRODUCTS}{product.pk}/delete/", {"post": "yes"})

    assert not Product.objects.exists()
    assert news == [(product.store_id, True)]


def test_products_deleted_together_are_news_once_per_store(admin_client: Client, news: list[Any]) -> None:
    stores = [a_store(), a_store("other")]
    products = [a_product(stores[0]), a_product(stores[0], "PEAR"), a_product(stores[1])]
    chosen = {"action": "delete_selected", "post": "yes", "_selected_action": [product.pk for product in products]}

    admin_client.post(PRODUCTS, chosen)

    assert not Product.objects.exists()
    assert sorted(news) == [(store.pk, True) for store in stores]


@pytest.mark.parametrize(
    ("currency", "price", "error"), [("USD", "1.205", "USD has 2 decimals."), ("JPY", "1.5", "JPY has 0 decimals.")]
)
def test_a_price_has_its_currencys_decimals(
    admin_client: Client, news: list[Any], currency: str, price: str, error: str
) -> None:
    answer = admin_client.post(f"{PRODUCTS}add/", form(a_store(currency=currency), price=price))

    assert error in answer.content.decode()
    assert not Product.objects.exists()
    assert news == []


def test_a_price_is_shown_as_it_is_written(admin_client: Client) -> None:
    product = a_product(a_store())

    page = admin_client.get(f"{PRODUCTS}{product.pk}/change/").content.decode()

    assert 'value="1.20"' in page
    assert "1.2000" not in page


def test_a_barcode_stands_for_one_product_of_a_store(admin_client: Client) -> None:
    store = a_store()
    a_product(store).barcodes.create(code="123", store=store)

    answer = admin_client.post(f"{PRODUCTS}add/", form(store, "123", sku="PEAR"))

    assert "of this store has this barcode already" in answer.content.decode()
    assert Product.objects.count() == 1


def test_a_trip_in_review_fills_in_the_new_product(admin_client: Client) -> None:
    store = a_store()
    url = f"{PRODUCTS}add/?store={store.pk}&sku=4006&unit=kg&barcode=4006&barcode=4007"

    page = admin_client.get(url).content.decode()
    assert all(f'value="{value}"' in page for value in ("4006", "4007", "kg"))

    admin_client.post(url, form(store, "4006", "4007", sku="4006"))
    assert set(Barcode.objects.values_list("code", flat=True)) == {"4006", "4007"}


@pytest.mark.parametrize("term", ["appl", "Apple", "123"])
def test_products_are_found_by_sku_name_and_barcode(admin_client: Client, term: str) -> None:
    store = a_store()
    product = a_product(store)
    product.barcodes.create(code="123", store=store)
    a_product(store, "PEAR")

    assert list(admin_client.get(f"{PRODUCTS}?q={term}").context["cl"].result_list) == [product]


def test_products_are_filtered_by_store(admin_client: Client) -> None:
    product, _ = a_product(a_store()), a_product(a_store("other"))

    answer = admin_client.get(f"{PRODUCTS}?store__id__exact={product.store_id}")
    assert list(answer.context["cl"].result_list) == [product]


def test_the_list_takes_as_many_statements_for_many_products_as_for_few(admin_client: Client) -> None:
    store = a_store()

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(PRODUCTS)
        return len(captured)

    a_product(store), a_product(store, "PEAR")
    statements()
    with_few = statements()
    for number in range(30):
        a_product(store, f"SKU-{number}")
    assert statements() == with_few


def test_an_empty_list_says_what_products_are_for(admin_client: Client) -> None:
    assert "Trips stay in review until" in admin_client.get(PRODUCTS).content.decode()


def test_products_by_category(admin_client: Client) -> None:
    store = a_store()
    for sku, category in (("TEA", "Drinks"), ("COLA", "Drinks"), ("GUM", "")):
        Product.objects.filter(pk=a_product(store, sku).pk).update(category=category)

    def listed(query: str) -> set[str]:
        return {product.sku for product in admin_client.get(f"{PRODUCTS}?{query}").context["cl"].result_list}

    assert listed("category=Drinks") == {"TEA", "COLA"}
    assert listed("category=-") == {"GUM"}
    assert listed("category=Nothing+of+this+name") == set()
    assert "Drinks" in admin_client.get(f"{PRODUCTS}?category=Drinks").content.decode()


def test_a_product_is_given_a_category(admin_client: Client, news: Any) -> None:
    store = a_store()

    admin_client.post(f"{PRODUCTS}add/", form(store, category="  Drinks "))

    assert Product.objects.get().category == "Drinks"
