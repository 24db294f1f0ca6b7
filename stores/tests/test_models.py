from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from stores.models import Barcode, PaymentFlow, Product, Store

pytestmark = pytest.mark.django_db


def store(external_id: str = "S1", **more: Any) -> Store:
    fields = {"name": external_id, "region": "us-east-1", "time_zone": "America/New_York", "currency": "USD"} | more
    return Store.objects.create(external_id=external_id, **fields)


def product(of: Store, sku: str = "WATER-500", **more: Any) -> Product:
    return Product.objects.create(**{"store": of, "sku": sku, "name": sku, "price": Decimal("1.50")} | more)


def faults(row: Any) -> set[str]:
    """The fields at fault when a person enters the row."""
    try:
        row.full_clean()
    except ValidationError as error:
        return set(error.message_dict)
    return set()


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Asia/Kathmandu", "Pacific/Kiritimati", "UTC"])
def test_store_lies_in_a_named_time_zone(zone: str) -> None:
    assert faults(store(time_zone=zone)) == set()


@pytest.mark.parametrize("zone", ["America/Springfield", "+01:00", "../etc/passwd", "america/new_york"])
def test_unknown_time_zone_is_refused(zone: str) -> None:
    assert faults(store(time_zone=zone)) == {"time_zone"}


@pytest.mark.parametrize(
    ("code", "wrong"), [("USD", set()), ("JPY", set()), ("usd", {"currency"}), ("ZZZ", {"currency"})]
)
def test_currency_is_an_iso_code(code: str, wrong: set[str]) -> None:
    assert faults(store(currency=code)) == wrong


def test_region_is_one_that_just_walk_out_runs_in() -> None:
    assert faults(store(region="mars-north-1")) == {"region"}


def test_external_id_belongs_to_one_store() -> None:
    store("S1")

    assert faults(Store(external_id="S1", name="2", region="us-east-1", time_zone="UTC", currency="USD")) == {
        "external_id"
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        store("S1")


def test_flow_of_a_trip_goes_by_its_entry() -> None:
    shop = store(card_flow=PaymentFlow.CHECKOUT_SERVICE, app_flow=PaymentFlow.OWN_PROCESSOR)

    assert shop.flow(is_app=False) == PaymentFlow.CHECKOUT_SERVICE
    assert shop.flow(is_app=True) == PaymentFlow.OWN_PROCESSOR


def test_sku_stands_for_one_product_of_a_store() -> None:
    first, second = store("S1"), store("S2")
    product(first)
    product(second)

    with pytest.raises(IntegrityError), transaction.atomic():
        product(first)


@pytest.mark.parametrize(
    ("currency", "price", "wrong"),
    [
        ("USD", "1.50", set()),
        ("USD", "0", set()),
        ("USD", "1.505", {"price"}),
        ("JPY", "120", set()),
        ("JPY", "1.5", {"price"}),
        ("KWD", "1.505", set()),
        ("USD", "-1", {"price"}),
    ],
)
def test_price_has_the_decimals_of_the_stores_currency(currency: str, price: str, wrong: set[str]) -> None:
    shop = store(currency=currency)

    assert faults(Product(store=shop, sku="S", name="N", price=Decimal(price))) == wrong


@pytest.mark.parametrize(
    ("rate", "wrong"), [("0", set()), ("7.255", set()), ("100", set()), ("-1", {"tax_rate"}), ("101", {"tax_rate"})]
)
def test_tax_rate_is_a_percentage(rate: str, wrong: set[str]) -> None:
    shop = store()

    # The database's own check, which the form repeats, has no field of its own.
    assert (
        faults(Product(store=shop, sku="S", name="N", price=Decimal(1), tax_rate=Decimal(rate))) - {"__all__"} == wrong
    )


@pytest.mark.parametrize(
    "change", [{"price": Decimal("-0.01")}, {"tax_rate": Decimal("-1")}, {"tax_rate": Decimal(101)}]
)
def test_database_refuses_what_no_form_has_checked(change: dict[str, Decimal]) -> None:
    shop = store()

    with pytest.raises(IntegrityError), transaction.atomic():
        product(shop, **change)


def test_barcode_belongs_to_the_store_of_its_product() -> None:
    first, second = store("S1"), store("S2")

    codes = [Barcode.objects.create(product=product(shop), code="1") for shop in (first, second)]

    assert [code.store for code in codes] == [first, second]


def test_barcode_stands_for_one_product_of_a_store() -> None:
    shop = store()
    water, juice = product(shop), product(shop, "JUICE")
    Barcode.objects.create(product=water, code="1")

    assert faults(Barcode(product=juice, code="1")) == {"code"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Barcode.objects.create(product=juice, code="1")


def test_barcode_may_be_saved_again() -> None:
    barcode = Barcode.objects.create(product=product(store()), code="1")

    assert faults(barcode) == set()
    barcode.save()
    assert Barcode.objects.count() == 1
