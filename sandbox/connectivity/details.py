"""GetScanDetails. Amazon: get_scan_details; it prints no test cases, these follow from its tables."""

from collections.abc import Sequence
from dataclasses import replace

from sandbox.connectivity import loyalty
from sandbox.connectivity.calls import Reply
from sandbox.connectivity.cases import (
    TOO_LONG,
    UNKNOWN_STORE,
    Body,
    Case,
    NotReadyError,
    Section,
    Stage,
    common_cases,
    edited,
    empty,
    fresh_id,
    given,
    not_testable,
    one,
    refused,
    text_of,
    twice,
)

ROUTE = "/v1/identity/scan/details"


def known(stage: Stage) -> Body:
    """Asks for the id that the scan was resolved to, as Amazon does. Raises NotReadyError when it was not."""
    content = stage.ask(loyalty.ROUTE, loyalty.known(stage)).content or {}
    if content.get("action") != "ACCEPT":
        raise NotReadyError(f"--loyalty-code {stage.setup.loyalty_code} was not accepted by {loyalty.ROUTE}")
    scan_result = {"id": content.get("id"), "type": content.get("type")}
    return {"storeId": stage.setup.store, "scanResult": scan_result}


def unknown(stage: Stage) -> Body:
    return {"storeId": stage.setup.store, "scanResult": {"id": f"nobody-{fresh_id()}", "type": "SHOPPER"}}


def with_promotions(stage: Stage) -> Body:
    return known(_at(stage, given(stage.setup.promotion_store, "--promotion-store")))


def without_promotions(stage: Stage) -> Body:
    return known(_at(stage, given(stage.setup.no_promotion_store, "--no-promotion-store")))


def _at(stage: Stage, store: str) -> Stage:
    return replace(stage, setup=replace(stage.setup, store=store))


def details(replies: Sequence[Reply]) -> str:
    for reply in replies:
        if reply.content is None:
            return "the answer is not a JSON object"
        if fault := text_of(reply.content, "provider"):
            return fault
        promotions = reply.content.get("promotionIds")
        if not isinstance(promotions, list) or not all(isinstance(each, str) for each in promotions):
            return "promotionIds is missing or not a list of texts"
    return ""


def some_promotions(replies: Sequence[Reply]) -> str:
    return details(replies) or ("" if (replies[0].content or {})["promotionIds"] else "promotionIds is empty")


def no_promotions(replies: Sequence[Reply]) -> str:
    return details(replies) or ("promotionIds is not empty" if (replies[0].content or {})["promotionIds"] else "")


DETAILS = Section(
    "details",
    "GetScanDetails",
    ROUTE,
    (
        *common_cases(known, "scanResult", 200),
        Case("4-a", "known id: provider and promotionIds", twice(known), (200,), details),
        Case("4-b", "known id with promotions", one(with_promotions), (200,), some_promotions),
        Case("4-c", "known id without promotions: []", one(without_promotions), (200,), no_promotions),
        refused("4-d", "unknown id", one(unknown), 404),
        refused("4-e", "scanResult.type not in the list", edited(unknown, "scanResult.type", "GHOST")),
        refused("4-f", "scanResult.type missing", edited(unknown, "scanResult.type")),
        refused("4-g", "scanResult.id missing", edited(unknown, "scanResult.id")),
        refused("4-h", "scanResult.id over 255 characters", edited(unknown, "scanResult.id", TOO_LONG)),
        refused("4-i", "scanResult missing", edited(unknown, "scanResult")),
        refused("4-j", "storeId missing", edited(unknown, "storeId")),
        refused("4-k", "storeId unknown", edited(unknown, "storeId", UNKNOWN_STORE), 400, 404),
        refused("4-l", "empty body", empty),
        not_testable("4-m", "internal failure", "nothing that is sent may cause a 500"),
    ),
)
