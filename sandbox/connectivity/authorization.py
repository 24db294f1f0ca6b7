"""GetShopperAuthorization. Amazon: fraud_abuse_api, credit_card_fully_delegated_test_plan 7a.

Amazon's page shows no answer that could be read in full: the fields are those of its recommendation.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sandbox.connectivity.calls import Reply
from sandbox.connectivity.cases import (
    UNKNOWN_STORE,
    Bodies,
    Body,
    Case,
    Section,
    Stage,
    common_cases,
    edited,
    empty,
    fresh_id,
    given,
    not_testable,
    now,
    refused,
    same_answers,
    twice,
)

ROUTE = "/v1/fraudandabuse/shopperauthorization"
HELD = 50.0
LOWER = 25.0
# The last one stands for what Amazon may add.
RISKS = ("InvalidCard", "ExpiredCard", "CustomerFraud", "BadDebt", "AddedLater")
EVENTS = (("CREDIT_CARD", "TAP"), ("CREDIT_CARD", "INSERT"), ("CREDIT_CARD", "SWIPE"), ("ADDED_LATER", "WAVE"))


def card(stage: Stage, *risks: str, authorized: bool = True, lower: float | None = None) -> Body:
    """An authenticated card nobody has seen before, with Amazon's advice."""
    advice: dict[str, Any] = {"shopperAuthorized": authorized, "shopperRisks": list(risks)}
    if lower is not None:
        advice["authorizationConditions"] = [{"type": "ADJUST", "amount": _money(stage, lower)}]
    return {
        "storeId": stage.setup.store,
        "shopperIdentity": {"id": f"connectivity-{fresh_id()}"},
        "authorizedAmount": _money(stage, HELD),
        "shopperInteraction": {
            "shoppingTripId": fresh_id(),
            "gateAuthenticationEvent": {
                "id": fresh_id(),
                "type": "CREDIT_CARD",
                "interactionType": "TAP",
                "timestamp": now(),
                "location": "ENTRY",
            },
            "recommendation": advice,
        },
    }


def _money(stage: Stage, value: float) -> dict[str, Any]:
    return {"value": value, "currencyCode": stage.setup.currency}


def advised(*risks: str, authorized: bool, lower: float | None = None) -> Bodies:
    return lambda stage: [card(stage, *risks, authorized=authorized, lower=lower)]


def every_risk(stage: Stage) -> Sequence[Body]:
    return [card(stage, risk, authorized=False) for risk in RISKS]


def every_event(stage: Stage) -> Sequence[Body]:
    bodies = [card(stage) for _ in EVENTS]
    for body, (kind, interaction) in zip(bodies, EVENTS, strict=True):
        body["shopperInteraction"]["gateAuthenticationEvent"] |= {"type": kind, "interactionType": interaction}
    return bodies


def without_advice(stage: Stage) -> Sequence[Body]:
    body = card(stage)
    del body["shopperInteraction"]["recommendation"]
    return [body]


def overridden(stage: Stage) -> Sequence[Body]:
    """No risk is named, so that only the advice itself speaks against the shopper."""
    return [card(stage, authorized=False) | {"storeId": given(stage.setup.override_store, "--override-store")}]


def held_less(stage: Stage) -> Sequence[Body]:
    return [card(stage) | {"storeId": given(stage.setup.holding_store, "--holding-store")}]


def debtor(stage: Stage) -> Sequence[Body]:
    return [card(stage) | {"shopperIdentity": {"id": given(stage.setup.debtor_shopper_id, "--debtor-shopper-id")}}]


def unconfigured(stage: Stage) -> Sequence[Body]:
    return [card(stage) | {"storeId": given(stage.setup.unconfigured_store, "--unconfigured-store")}]


def one_field_missing(stage: Stage) -> Sequence[Body | bytes]:
    paths = ("storeId", "shopperIdentity", "shopperIdentity.id")
    return [*(body for path in paths for body in edited(card, path)(stage)), *empty(stage)]


def decided(replies: Sequence[Reply]) -> str:
    for reply in replies:
        if reply.content is None:
            return "the answer is not a JSON object"
        if not isinstance(reply.content.get("shopperAuthorized"), bool):
            return "shopperAuthorized is missing or not true or false"
    return ""


def let_in(replies: Sequence[Reply]) -> str:
    return decided(replies) or ("" if _word(replies[0]) else "the shopper is not let in")


def denied(replies: Sequence[Reply]) -> str:
    return decided(replies) or ("the shopper is let in" if _word(replies[0]) else "")


def adjusted(replies: Sequence[Reply]) -> str:
    if fault := let_in(replies):
        return fault
    conditions = (replies[0].content or {}).get("authorizationConditions") or []
    amounts = [each.get("amount") for each in conditions if isinstance(each, dict) and each.get("type") == "ADJUST"]
    values = [amount.get("value") for amount in amounts if isinstance(amount, dict)]
    if not values or not isinstance(values[0], int | float):
        return "authorizationConditions has no ADJUST with an amount"
    return "" if Decimal(str(values[0])) < Decimal(str(HELD)) else f"ADJUST does not lower the {HELD:.2f} that are held"


def _word(reply: Reply) -> bool:
    return bool((reply.content or {})["shopperAuthorized"])


FRAUD = ("CustomerFraud", "BadDebt")
AUTHORIZATION = Section(
    "authorization",
    "GetShopperAuthorization",
    ROUTE,
    (
        *common_cases(card, "shopperInteraction", 200),
        Case("7a.1", "low risk: let in", advised(authorized=True), (200,), let_in),
        Case("7a.2", "CustomerFraud and BadDebt: denied", advised(*FRAUD, authorized=False), (200,), denied),
        Case("7a.3", "let in with a lower hold", advised(authorized=True, lower=LOWER), (200,), adjusted),
        Case("7a.4", "invalid card: denied", advised("InvalidCard", authorized=False), (200,), denied),
        Case("7a.5", "expired card: denied", advised("ExpiredCard", authorized=False), (200,), denied),
        Case("7a.6", "every risk, and one unknown", every_risk, (200,), decided),
        Case("7a.7", "every authentication event, and one unknown", every_event, (200,), decided),
        Case("7a.8", "Amazon denies, the retailer accepts", overridden, (200,), let_in),
        Case("7a.9", "Amazon accepts, the retailer denies", advised(*FRAUD, authorized=True), (200,), denied),
        Case("7a.10", "the retailer lowers the hold", held_less, (200,), adjusted),
        Case("7a.11", "somebody who owes: denied", debtor, (200,), denied),
        refused("7a.12", "a required field missing, empty body", one_field_missing),
        refused("7a.13", "storeId unknown", edited(card, "storeId", UNKNOWN_STORE)),
        refused("7a.14", "connector configuration missing", unconfigured, 404),
        not_testable("7a.15", "server error, then retry", "nothing that is sent may cause a 500"),
        not_testable("7a.16", "fraud system down: fallback", "it cannot be taken down by a call"),
        Case("7a-a", "without recommendation", without_advice, (200,), decided),
        Case("7a-b", "the same request again: the same answer", twice(card), (200,), same_answers),
        Case("7a-c", "the same request twice at once", twice(card), (200,), same_answers, is_at_once=True),
    ),
)
