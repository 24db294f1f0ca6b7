"""What every program under test is asked: Amazon's three calls at the gate, about members and cards that exist.

Of the members and cards each hundredth is blocked or owes something, so that every rule finds something to read.
"""

import base64
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.load import KEY_MARK, UUID_MARK
from bench.services import STORE_ID

EXCEPTION = 100  # each such member is blocked, and each such card owes something

_KEY_LENGTH = 24
_WHEN = "2026-01-05T09:00:00Z"


def identity_key(code: str) -> str:
    return base64.b64encode(code.encode()).decode()


def code_of(member: int) -> str:
    """As the tables are filled with. Its Base64 has no padding."""
    return f"BENCH-CODE-{member:07d}"


def card_of(number: int) -> str:
    return f"bench.card.{number:013d}"


def _keys_of_members(rows: int) -> list[str]:
    """Only those that are let in, since wrk takes every 401 for a fault."""
    return [identity_key(code_of(member)) for member in range(1, rows + 1) if member % EXCEPTION]


def _cards(rows: int) -> list[str]:
    return [card_of(number) for number in range(1, rows + 1)]


@dataclass(frozen=True)
class Call:
    name: str
    path: str
    template: str
    keys: Callable[[int], list[str]]  # those of so many members or cards; all of them get a 200
    strange_keys: tuple[str, ...]  # of the blocked, the indebted and nobody: all of them are refused
    stored_in: str  # the peer's table, and the floor's
    stored_by_us: str

    def body(self, key: str) -> bytes:
        """One call to send, with ids of its own."""
        text = re.sub(UUID_MARK, lambda _: str(uuid.uuid4()), self.template)
        return text.replace(KEY_MARK * _KEY_LENGTH, key).encode()


def _template(content: dict[str, Any]) -> str:
    return json.dumps(content, separators=(",", ":"))


_KEY = KEY_MARK * _KEY_LENGTH
_STRANGE_CODES = tuple(
    identity_key(code) for code in (code_of(EXCEPTION), code_of(5 * EXCEPTION), "NO-SUCH-CODE-ATALL")
)

IDENTITY_KEYS = Call(
    name="identity-keys",
    path="/v1/identity/identity-keys",
    template=_template(
        {
            "requestId": UUID_MARK,
            "identityKey": _KEY,
            "storeId": STORE_ID,
            "authEvent": {"id": UUID_MARK, "timestamp": _WHEN, "location": "ENTRY"},
            "keyChannel": "OPTICAL",
        }
    ),
    keys=_keys_of_members,
    strange_keys=_STRANGE_CODES,
    stored_in="scan WHERE kind = 'identity'",
    stored_by_us="loyalty_scan WHERE kind = 'identity'",
)
SCAN = Call(
    name="scan",
    path="/v1/identity/scan",
    template=_template(
        {
            "requestId": UUID_MARK,
            "storeId": STORE_ID,
            "scanEvent": {
                "id": UUID_MARK,
                "timestamp": _WHEN,
                "location": "ENTRY",
                "value": _KEY,
                "channel": "OPTICAL",
            },
        }
    ),
    keys=_keys_of_members,
    strange_keys=_STRANGE_CODES,
    stored_in="scan WHERE kind = 'loyalty'",
    stored_by_us="loyalty_scan WHERE kind = 'loyalty'",
)
AUTHORIZATION = Call(
    name="shopperauthorization",
    path="/v1/fraudandabuse/shopperauthorization",
    template=_template(
        {
            "storeId": STORE_ID,
            "shopperIdentity": {"id": _KEY},
            "authorizedAmount": {"value": 50.0, "currencyCode": "USD"},
            "shopperInteraction": {
                "shoppingTripId": UUID_MARK,
                "gateAuthenticationEvent": {
                    "id": UUID_MARK,
                    "type": "CREDIT_CARD",
                    "interactionType": "TAP",
                    "timestamp": _WHEN,
                    "location": "ENTRY",
                },
                "recommendation": {
                    "shopperAuthorized": True,
                    "authorizationConditions": [
                        {"type": "ADJUST", "amount": {"value": 25.0, "currencyCode": "USD"}},
                    ],
                    "shopperRisks": [],
                },
                "cartHint": {"totalPrice": {"value": 7.5, "currencyCode": "USD"}, "items": []},
            },
        }
    ),
    keys=_cards,
    strange_keys=(card_of(EXCEPTION), card_of(5 * EXCEPTION), card_of(1)),
    stored_in="decision",
    stored_by_us="payments_gatedecision",
)
CALLS = (IDENTITY_KEYS, SCAN, AUTHORIZATION)
