"""What the gate and the scanners inside ask the retailer, and what they make of the answers.

A connector that lacks one of these routes, or has no configuration for it, answers 404: then nobody is asked, as in a
store that is set up without it. Amazon: verify_identity_keys, resolve_scan, get_scan_details, fraud_abuse_api.
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import requests

from sandbox.connector import Connector, fields
from sandbox.random_carts import Cart

IDENTITY = "/v1/identity/identity-keys"
SCAN = "/v1/identity/scan"
DETAILS = "/v1/identity/scan/details"
AUTHORIZATION = "/v1/fraudandabuse/shopperauthorization"


class RefusedError(Exception):
    """The gate stays closed; the text says why."""


@dataclass(frozen=True)
class Visitor:
    id: str
    type: str


class Questions:
    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    def who_enters(self, store_id: str, event_id: str, code: str) -> Visitor | None:
        """None: nobody was there to ask. Raises RefusedError, and ConnectorError."""
        body = {
            "requestId": _request_id(event_id),
            "identityKey": _encoded(code),
            "storeId": store_id,
            "authEvent": {"id": event_id, "timestamp": _now(), "location": "ENTRY"},
            "keyChannel": "OPTICAL",
        }
        answer = self._connector.post(IDENTITY, body)
        if answer.status_code == 401:
            raise RefusedError(_said(answer))
        if not self._is_answered(answer, IDENTITY, store_id):
            return None
        details = fields(answer).get("visitorDetails")
        if not isinstance(details, dict) or not isinstance(details.get("id"), str):
            raise RefusedError("the connector's answer has no visitorDetails.id")
        return Visitor(details["id"], str(details.get("type")))

    def may_enter(self, cart: Cart, event_id: str, hold: dict[str, Any], risks: tuple[str, ...]) -> dict[str, Any]:
        """What to hold on the card: `hold`, or what the retailer wants. Raises RefusedError, and ConnectorError."""
        body = {
            "storeId": cart["storeId"],
            "shopperIdentity": cart["shopperIdentity"],
            "authorizedAmount": {"value": float(hold["amount"]), "currencyCode": hold["code"]},
            "shopperInteraction": {
                "shoppingTripId": cart["idempotentShoppingTripId"],
                "gateAuthenticationEvent": {
                    "id": event_id,
                    "type": "CREDIT_CARD",
                    "interactionType": "TAP",
                    "timestamp": _now(),
                    "location": "ENTRY",
                },
                "recommendation": {"shopperAuthorized": not risks, "shopperRisks": list(risks)},
            },
        }
        answer = self._connector.post(AUTHORIZATION, body)
        if not self._is_answered(answer, AUTHORIZATION, cart["storeId"]):
            return hold
        decision = fields(answer)
        if decision.get("shopperAuthorized") is not True:
            raise RefusedError(", ".join(map(str, decision.get("shopperRisks") or [])) or "the retailer lets nobody in")
        return _adjusted(decision) or hold

    def whose_loyalty(self, store_id: str, event_id: str, code: str) -> Visitor | None:
        """What the scan stands for; the code itself where nobody was there to ask, None when it was rejected."""
        event = {"id": event_id, "timestamp": _now(), "location": "MANUAL_IN_STORE", "value": _encoded(code)}
        body = {"requestId": _request_id(event_id), "storeId": store_id, "scanEvent": event | {"channel": "OPTICAL"}}
        answer = self._connector.post(SCAN, body)
        if answer.status_code == 404:
            return Visitor(code, "LOYALTY")
        resolved = fields(answer)
        if answer.status_code != 200 or resolved.get("action") != "ACCEPT" or not isinstance(resolved.get("id"), str):
            return None
        visitor = Visitor(resolved["id"], str(resolved.get("type")))
        scan_result = {"id": visitor.id, "type": visitor.type}
        self._connector.post(DETAILS, {"storeId": store_id, "scanResult": scan_result})
        return visitor

    def _is_answered(self, answer: requests.Response, route: str, store_id: object) -> bool:
        """False for 404. At a fault or a throttle the gate stays closed; anything else is a mistake in the set-up."""
        status = answer.status_code
        if status == 404:
            return False
        if status == 429 or status >= 500:
            raise RefusedError(f"the connector answered {status}")
        self._connector.check(answer, route, store_id)
        return True


def _adjusted(decision: dict[str, Any]) -> dict[str, Any] | None:
    """None without such a condition, or when it cannot be read."""
    try:
        amounts = [each["amount"] for each in decision["authorizationConditions"] if each["type"] == "ADJUST"]
        return {"amount": f"{amounts[0]['value']:.2f}", "code": str(amounts[0]["currencyCode"])} if amounts else None
    except (KeyError, TypeError, ValueError):
        return None


def _said(answer: requests.Response) -> str:
    return str(fields(answer).get("errorMsg") or answer.status_code)


def _request_id(event_id: str) -> str:
    """The same for the same event: a visit that is repeated by its seed asks the same questions."""
    return str(uuid5(NAMESPACE_OID, event_id))


def _encoded(code: str) -> str:
    return b64encode(code.encode()).decode()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
