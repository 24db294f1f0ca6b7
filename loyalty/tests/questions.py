"""What Amazon asks about codes, as the tests ask it."""

import base64
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from amazon.tests.bodies import Json

PAYLOADS = Path(__file__).parent / "payloads"

KEYS = "/v1/identity/identity-keys"
SCAN = "/v1/identity/scan"
DETAILS = "/v1/identity/scan/details"
SHOPPER = "/v1/identity/shopper"

STORE = "DEMO-COMBO"
SCANNED = "2026-01-05T09:00:00Z"


def base64_of(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def identity_keys(code: str = "SHOPPER-CODE", *, scanned: Any = SCANNED, **changes: Any) -> Json:
    """A code at the gate, in a call of its own."""
    return {
        "requestId": str(uuid.uuid4()),
        "identityKey": base64_of(code),
        "storeId": STORE,
        "authEvent": {"id": str(uuid.uuid4()), "timestamp": scanned, "location": "ENTRY"},
        "keyChannel": "OPTICAL",
        **changes,
    }


def scan(code: str = "SHOPPER-CODE", *, scanned: Any = SCANNED, **event: Any) -> Json:
    """A code at a scanner; the event's fields can be replaced."""
    standard = {
        "id": str(uuid.uuid4()),
        "timestamp": scanned,
        "location": "ENTRY",
        "value": base64_of(code),
        "channel": "OPTICAL",
    }
    return {"requestId": str(uuid.uuid4()), "storeId": STORE, "scanEvent": standard | event}


def details(id: str = "SHOPPER-CODE", type: str = "SHOPPER", **changes: Any) -> Json:
    return {"storeId": STORE, "scanResult": {"id": id, "type": type}, **changes}


def shopper(key: str = "SHOPPER-CODE", **changes: Any) -> Json:
    return {
        "requestId": str(uuid.uuid4()),
        "shopperKey": base64_of(key),
        "shopperKeyType": "QR_CODE",
        "storeId": STORE,
        "timestamp": SCANNED,
        **changes,
    }


def faq(name: str) -> Json:
    """A body of Amazon's FAQ."""
    content: Json = json.loads((PAYLOADS / f"{name}.json").read_text())
    return content


def statements(ask: Callable[..., object], path: str, body: Json) -> int:
    """How many SQL statements an answer takes, without the journal's, which comes after it outside of tests.

    On PostgreSQL prepared statements go past Django, which then counts fewer.
    """
    with CaptureQueriesContext(connection) as captured:
        ask(path, body)
    return sum("amazon_inboundcall" not in query["sql"] for query in captured)
