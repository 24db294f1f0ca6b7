"""The catalog host (Amazon: upload_catalog, get_catalog_upload_status, catalog_upload_test_cases)."""

from typing import Any

import pytest

from sandbox.tests.signed_calls import STORE, Caller, Received

BAD = {"errorMsg": "BadRequestException"}
ITEM = {
    "item_sku": "WATER-500",
    "external_product_id": "012345678905",
    "external_product_id_type": "UPC",
    "item_name": "Water 500 ml",
    "store_id": STORE,
    "standard_price": "1.50",
    "brand_name": "Spring",
    "product_tax_code": "A_FOOD_GEN",
    "product_category": "Drinks",
    "product_subcategory": "Water",
}
OTHER_BARCODE = {"external_product_id": "5000159461122", "external_product_id_type": "EAN"}


def upload(caller: Caller, *items: Any) -> Received:
    return caller.call("catalog-upload", {"catalogItems": list(items)})


def status(caller: Caller, ingestion_id: Any) -> Received:
    return caller.call("catalog-status", {"ingestionId": ingestion_id})


def test_an_upload_is_taken_in_worked_on_and_done(caller: Caller) -> None:
    answer = upload(caller, ITEM, ITEM | {"additional_external_product_information": [OTHER_BARCODE]})
    assert (answer.status, list(answer.content)) == (201, ["ingestionId"])

    told = [status(caller, answer.content["ingestionId"]).content for _ in range(4)]

    assert [each["processingStatus"] for each in told] == ["INQUEUE", "INPROGRESS", "DONE", "DONE"]
    assert ["reportDownloadLink" in each for each in told] == [False, False, True, True]


def test_the_report_shows_what_came(caller: Caller) -> None:
    ingestion_id = upload(caller, ITEM).content["ingestionId"]
    link = [status(caller, ingestion_id).content for _ in range(3)][-1]["reportDownloadLink"]

    assert link.startswith(caller.url)
    report = caller.control("GET", link.removeprefix(caller.url)).content
    assert (report["ingestion_id"], report["items"]) == (ingestion_id, [ITEM])
    assert caller.control("GET", "/sandbox/catalog/another").status == 404


def test_an_unknown_upload(caller: Caller) -> None:
    for ingestion_id in ("nobody", "", "i" * 256, 5, None):
        answer = status(caller, ingestion_id)
        assert (answer.status, answer.content) == (400, BAD)


@pytest.mark.parametrize("name", ["item_sku", "external_product_id", "item_name", "store_id"])
def test_a_missing_field(caller: Caller, name: str) -> None:
    answer = upload(caller, ITEM, {key: value for key, value in ITEM.items() if key != name})

    assert (answer.status, answer.content) == (400, BAD)


def test_what_is_not_required(caller: Caller) -> None:
    required = {name: ITEM[name] for name in ("item_sku", "external_product_id", "item_name", "store_id")}

    assert upload(caller, required).status == 201


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("item_sku", "W" * 256),
        ("item_sku", "WATER®"),
        ("item_name", "N" * 256),
        ("item_name", ""),
        ("store_id", "INVALID@STORE#ID"),
        ("external_product_id", 12345678905),
        ("external_product_id_type", "QR"),
        ("standard_price", 1.5),
        ("additional_external_product_information", OTHER_BARCODE),
        ("additional_external_product_information", [{"external_product_id_type": "EAN"}]),
        ("additional_external_product_information", [OTHER_BARCODE] * 51),
    ],
)
def test_a_wrong_field(caller: Caller, name: str, value: Any) -> None:
    assert upload(caller, ITEM | {name: value}).status == 400


@pytest.mark.parametrize("body", [{}, {"catalogItems": []}, {"catalogItems": {}}, {"catalogItems": [5]}, []])
def test_an_invalid_request_body(caller: Caller, body: Any) -> None:
    assert caller.call("catalog-upload", body).status == 400


def test_ten_thousand_items_and_not_one_more(caller: Caller) -> None:
    items = [ITEM | {"item_sku": f"SKU-{number}"} for number in range(10_000)]

    assert upload(caller, *items).status == 201
    assert upload(caller, *items, ITEM).status == 400


@pytest.mark.parametrize("operation", ["catalog-upload", "catalog-status"])
@pytest.mark.parametrize("trouble", [429, 500])
def test_trouble(caller: Caller, operation: str, trouble: int) -> None:
    caller.control("POST", "/sandbox/faults", {"kind": "status", "operation": operation, "status": trouble})

    assert caller.call(operation, {}).status == trouble


def test_a_caller_without_a_signature(caller: Caller) -> None:
    assert caller.control("POST", "/v1/catalog/upload", {"catalogItems": [ITEM]}).status == 403
