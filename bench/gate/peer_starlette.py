"""Comparison: Starlette, msgspec and asyncpg. The fastest program that a good engineer would write in Python."""

import base64
import binascii
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench import peer_pool
from bench.gate import peer_storage
from bench.gate.peer_rules import decide
from bench.gate.peer_storage import Outcome, Presented

CALLS_PER_MINUTE = 1_000_000_000  # counted, and never reached

Uuid = Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
Text255 = Annotated[str, Meta(min_length=1, max_length=255)]
Key = Annotated[str, Meta(min_length=1, max_length=1000)]


class Shape(msgspec.Struct, rename="camel", frozen=True):
    pass


class AuthEvent(Shape, frozen=True):
    id: Uuid
    timestamp: datetime
    location: Literal["ENTRY", "EXIT", "MANUAL_IN_STORE"]


class VerifyIdentityKeys(Shape, frozen=True):
    request_id: Uuid
    identity_key: Key
    store_id: Text255
    auth_event: AuthEvent
    key_channel: Literal["OPTICAL"] | None = None


class Visitor(Shape, frozen=True):
    id: str
    type: str


class IdentityAnswer(Shape, frozen=True):
    visitor_details: Visitor


class ScanEvent(Shape, frozen=True):
    id: Key
    timestamp: datetime
    value: str = ""
    location: str = ""


class ResolveScan(Shape, frozen=True):
    request_id: Uuid
    store_id: Text255
    scan_event: ScanEvent


class ScanAnswer(Shape, frozen=True):
    id: str
    type: str
    action: str


class Amount(Shape, frozen=True):
    value: Decimal
    currency_code: Annotated[str, Meta(pattern="^[A-Z]{3}$")]


class Condition(Shape, frozen=True):
    type: str
    amount: Amount


class Recommendation(Shape, frozen=True):
    shopper_authorized: bool | None = None
    authorization_conditions: list[Condition] = []
    shopper_risks: list[str] = []


class GateEvent(Shape, frozen=True):
    id: str


class CartHint(Shape, frozen=True):
    total_price: Amount | None = None


class Interaction(Shape, frozen=True):
    shopping_trip_id: Text255
    gate_authentication_event: GateEvent
    recommendation: Recommendation = Recommendation()
    cart_hint: CartHint = CartHint()


class Shopper(Shape, frozen=True):
    id: Text255


class Authorize(Shape, frozen=True):
    store_id: Text255
    shopper_identity: Shopper
    shopper_interaction: Interaction
    authorized_amount: Amount | None = None


class AuthorizationAnswer(Shape, frozen=True):
    shopper_authorized: bool
    authorization_conditions: list[Condition]
    shopper_risks: list[str]


class Refusal(msgspec.Struct):
    errorMsg: str


_encode = msgspec.json.Encoder(decimal_format="number").encode
_calls: Counter[tuple[str, int]] = Counter()


def _answer(status: int, content: msgspec.Struct) -> Response:
    return Response(_encode(content), status, media_type="application/json")


def _route(path: str, shape: type[Any], handle: Callable[[Any, Any], Awaitable[Response]]) -> Route:
    decode = msgspec.json.Decoder(shape).decode

    async def endpoint(request: Request) -> Response:
        if not peer_pool.is_known_key(request.headers.get("x-api-key", "")):
            return _answer(403, Refusal("x-api-key is not known"))
        try:
            asked = decode(await request.body())
        except msgspec.DecodeError as error:
            return _answer(400, Refusal(str(error)))
        try:
            return await handle(request.app.state.pool, asked)
        except peer_storage.UnknownStore:
            return _answer(400, Refusal("storeId is not known"))

    return Route(path, endpoint, methods=["POST"])


async def verify_identity_keys(pool: Any, asked: VerifyIdentityKeys) -> Response:
    minute = int(time.time()) // 60
    _calls[asked.store_id, minute] += 1
    if _calls[asked.store_id, minute] > CALLS_PER_MINUTE:
        return _answer(429, Refusal("too many calls in this minute"))
    text, event = _decoded(asked.identity_key), asked.auth_event
    if text is None:
        return _answer(400, Refusal("identityKey: must be text in Base64"))
    holder = await peer_storage.find_holder(pool, [text])
    if holder is None:
        outcome = Outcome(False, reason="Nobody has this code.")
    elif holder["is_blocked"] or holder["is_loyalty_only"]:
        outcome = Outcome(False, member_id=holder["id"], reason="The member is blocked, or the card opens no gate.")
    else:
        outcome = Outcome(True, holder["external_id"], holder["kind"], holder["id"])
    presented = Presented("identity", asked.request_id, event.id, asked.store_id, event.location, event.timestamp, text)
    outcome = await peer_storage.store_scan(pool, presented, outcome)
    if not outcome.is_accepted:
        return _answer(401, Refusal("this code does not open the gate"))
    return _answer(200, IdentityAnswer(Visitor(outcome.id, outcome.type)))


async def resolve_scan(pool: Any, asked: ResolveScan) -> Response:
    event = asked.scan_event
    readings = [reading for key in (event.value, event.id) for reading in (_decoded(key), key) if reading]
    holder = await peer_storage.find_holder(pool, readings, or_external_id=True)
    text = holder["text"] if holder else readings[0]
    if holder is None:
        outcome = Outcome(False, text, "SHOPPER", reason="Nobody has this code.")
    elif holder["is_blocked"]:
        outcome = Outcome(False, text, "SHOPPER", holder["id"], "The member is blocked.")
    else:
        outcome = Outcome(True, text, "LOYALTY" if holder["is_loyalty_only"] else holder["kind"], holder["id"])
    presented = Presented("loyalty", asked.request_id, event.id, asked.store_id, event.location, event.timestamp, text)
    outcome = await peer_storage.store_scan(pool, presented, outcome)
    return _answer(200, ScanAnswer(outcome.id, outcome.type, "ACCEPT" if outcome.is_accepted else "REJECT"))


async def authorize_shopper(pool: Any, asked: Authorize) -> Response:
    interaction = asked.shopper_interaction
    trip_id, event_id = interaction.shopping_trip_id, interaction.gate_authentication_event.id
    try:
        row = await peer_storage.read_known(pool, asked.store_id, trip_id, event_id, asked.shopper_identity.id)
        if row["is_authorized"] is None:
            row = await _decided(pool, asked, row)
    except TimeoutError:
        return _answer(200, AuthorizationAnswer(False, [], []))
    conditions = []
    if row["adjusted_to"] is not None:
        conditions = [Condition("ADJUST", Amount(row["adjusted_to"], row["decided_currency"]))]
    return _answer(200, AuthorizationAnswer(row["is_authorized"], conditions, row["risks"]))


async def _decided(pool: Any, asked: Authorize, known: Any) -> Any:
    """The row of the decision, stored now or by another call meanwhile."""
    interaction, held = asked.shopper_interaction, asked.authorized_amount
    advice = interaction.recommendation
    decision = decide(known, advice=advice, held=held, in_cart=interaction.cart_hint.total_price)
    return await peer_storage.store_decision(
        pool,
        asked.store_id,
        interaction.shopping_trip_id,
        interaction.gate_authentication_event.id,
        asked.shopper_identity.id,
        decision.is_authorized,
        decision.reasons,
        decision.risks,
        _encode(advice).decode(),
        held.value if held else None,
        decision.adjusted_to,
        held.currency_code if held else known["currency"],
    )


def _decoded(key: str) -> str | None:
    try:
        return base64.b64decode(key, validate=True).decode().strip() or None
    except (binascii.Error, ValueError):
        return None


@asynccontextmanager
async def lifespan(application: Starlette) -> AsyncIterator[None]:
    application.state.pool = await peer_pool.open_pool()
    yield
    await application.state.pool.close()


app = Starlette(
    routes=[
        _route("/v1/identity/identity-keys", VerifyIdentityKeys, verify_identity_keys),
        _route("/v1/identity/scan", ResolveScan, resolve_scan),
        _route("/v1/fraudandabuse/shopperauthorization", Authorize, authorize_shopper),
    ],
    lifespan=lifespan,
)
