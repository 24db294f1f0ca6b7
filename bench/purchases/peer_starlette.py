"""Comparison: Starlette, msgspec and asyncpg. The fastest program that a good engineer would write in Python."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench import peer_pool
from bench.purchases import peer_storage

Uuid = Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
Text255 = Annotated[str, Meta(min_length=1, max_length=255)]


class Shape(msgspec.Struct, rename="camel", frozen=True):
    pass


class AuthEvent(Shape, frozen=True):
    id: Uuid
    payload_type: Literal["FINANCIAL", "SCAN_CODE"]
    auth_location: Literal["ENTRY", "EXIT", "MANUAL_IN_STORE"] | None = None


class ShoppingTrip(Shape, frozen=True):
    start_time: datetime
    end_time: datetime
    auth_events: list[AuthEvent]


class Quantity(Shape, frozen=True):
    value: Annotated[str, Meta(max_length=10, pattern=r"^[0-9]+(\.[0-9]+)?$")]
    unit: Text255


class CartItem(Shape, frozen=True):
    id: Text255
    type: Literal["SKU", "SCANCODE"]
    quantity: Quantity


class Cart(Shape, frozen=True):
    request_id: Uuid
    idempotent_shopping_trip_id: Text255
    store_id: Text255
    shopping_trip: ShoppingTrip
    cart_items: list[CartItem]


class Purchase(Shape, frozen=True):
    purchase_id: str


class Refusal(msgspec.Struct):
    errorMsg: str


_decode = msgspec.json.Decoder(Cart).decode
_encode = msgspec.json.Encoder().encode


def _answer(status: int, content: msgspec.Struct) -> Response:
    return Response(_encode(content), status, media_type="application/json")


async def create_purchase(request: Request) -> Response:
    if not peer_pool.is_known_key(request.headers.get("x-api-key", "")):
        return _answer(403, Refusal("x-api-key is not known"))
    body = await request.body()
    try:
        cart = _decode(body)
    except msgspec.DecodeError as error:
        return _answer(400, Refusal(str(error)))
    trip = cart.shopping_trip
    if trip.end_time < trip.start_time:
        return _answer(400, Refusal("endTime precedes startTime"))
    try:
        purchase_id = await peer_storage.store_cart(
            request.app.state.pool,
            trip_id=cart.idempotent_shopping_trip_id,
            store_id=cart.store_id,
            request_id=cart.request_id,
            started_at=trip.start_time,
            ended_at=trip.end_time,
            body=body,
            lines=[(item.id, item.type, item.quantity.value, item.quantity.unit) for item in cart.cart_items],
        )
    except peer_storage.UnknownStore:
        return _answer(400, Refusal("storeId is not known"))
    return _answer(201, Purchase(purchase_id))


@asynccontextmanager
async def lifespan(application: Starlette) -> AsyncIterator[None]:
    application.state.pool = await peer_pool.open_pool()
    yield
    await application.state.pool.close()


app = Starlette(routes=[Route("/v1/order/purchases", create_purchase, methods=["POST"])], lifespan=lifespan)
