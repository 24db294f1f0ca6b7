"""UploadCatalog and GetCatalogUploadStatus. Amazon: upload_catalog, catalog_upload_test_cases, catalog_validations,
get_catalog_upload_status.

The numbers are ours; Amazon's page lists the upload's cases without any that could be read.
"""

from collections.abc import Sequence

from sandbox.check.cases import BAD_STORE, Bodies, Case, Make, Section, Step, Trip, each, left_out, set_to
from sandbox.check.everywhere import door_cases, thrice, trouble_cases
from sandbox.connectivity.calls import Reply
from sandbox.connectivity.cases import TOO_LONG, Body, edited, one, says_why, text_of

UPLOAD = "/v1/catalog/upload"
STATUS = "/v1/catalog/getCatalogUploadStatus"
MOST_ITEMS = 10_000
STATUSES = ("INQUEUE", "INPROGRESS", "DONE", "CANCELLED", "FATAL")
REQUIRED = ("item_sku", "external_product_id", "item_name", "store_id")


def item(store: str, number: int = 1) -> Body:
    return {
        "item_sku": f"SKU{number}",
        "external_product_id": "012345678905",
        "external_product_id_type": "UPC",
        "item_name": "Still water 500 ml",
        "store_id": store,
        "standard_price": "1.00",
        "brand_name": "A brand",
    }


def items(count: int) -> Make:
    return lambda trip: {"catalogItems": [item(trip.store, number) for number in range(count)]}


def required_only(trip: Trip) -> Body:
    return {"catalogItems": [{name: item(trip.store)[name] for name in REQUIRED}]}


ONE = items(1)
TWO = items(2)


def status_of(trip: Trip) -> Body:
    return {"ingestionId": (trip.told[-1].content or {}).get("ingestionId")}


def status_of_none(trip: Trip) -> Body:
    return {"ingestionId": trip.id}


def taken_in(replies: Sequence[Reply]) -> str:
    return text_of(replies[0].content or {}, "ingestionId")


def done_at_last(replies: Sequence[Reply]) -> str:
    told = [(reply.content or {}).get("processingStatus") for reply in replies]
    if any(status not in STATUSES for status in told) or told[-1] != "DONE":
        return f"processingStatus was {', '.join(map(str, told))}"
    return text_of(replies[-1].content or {}, "reportDownloadLink")


def turned_down(number: str, title: str, bodies: Bodies) -> Case:
    return Case(number, title, bodies, (400,), says_why)


UPLOADING = Section(
    "catalog-upload",
    "UploadCatalog",
    UPLOAD,
    "catalog-upload",
    (
        Case("1", "one item", one(ONE), (201,), taken_in),
        Case("1-a", "only what is required", one(required_only), (201,), taken_in),
        Case("1-b", "10,000 items", one(items(MOST_ITEMS)), (201,), taken_in),
        turned_down("2", "a wrong store_id", edited(ONE, "catalogItems.0.store_id", BAD_STORE)),
        turned_down("3", "a wrong store_id beside a good one", edited(TWO, "catalogItems.1.store_id", BAD_STORE)),
        turned_down("4", "a required field missing", left_out(TWO, *(f"catalogItems.1.{name}" for name in REQUIRED))),
        turned_down(
            "5", "another shape", each(left_out(ONE, "catalogItems"), set_to(ONE, "catalogItems", {}, None, "x"))
        ),
        turned_down(
            "5-a", "wrong types", each(*(set_to(ONE, f"catalogItems.0.{name}", 5, None, "") for name in REQUIRED))
        ),
        turned_down("6", "10,001 items", one(items(MOST_ITEMS + 1))),
        turned_down(
            "7", "over 255 characters", each(*(edited(ONE, f"catalogItems.0.{name}", TOO_LONG) for name in REQUIRED))
        ),
        *trouble_cases(ONE, ("8", "9", "10")),
        *door_cases(ONE, 201, malformed=says_why),
    ),
)
UPLOADED = (Step(UPLOAD, ONE),)
TELLING_STATUS = Section(
    "catalog-status",
    "GetCatalogUploadStatus",
    STATUS,
    "catalog-status",
    (
        Case("1", "in the end it is done", thrice(status_of), (200,), done_at_last, before=UPLOADED),
        turned_down("2", "an ingestionId that nobody got", one(status_of_none)),
        turned_down("3", "ingestionId missing", edited(status_of_none, "ingestionId")),
        turned_down("4", "a wrong type, or empty", set_to(status_of_none, "ingestionId", 5, None, "", [])),
        turned_down("5", "over 255 characters", edited(status_of_none, "ingestionId", TOO_LONG)),
        *trouble_cases(status_of, ("6", "7", "8"), before=UPLOADED),
        *door_cases(status_of, before=UPLOADED, malformed=says_why),
    ),
)
