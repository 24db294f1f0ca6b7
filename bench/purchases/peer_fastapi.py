"""Comparison: FastAPI, pydantic and asyncpg. What most would reach for instead of Django."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from bench import peer_pool
from bench.purchases import peer_storage

Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
Text255 = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class AuthEvent(Shape):
    id: Uuid
    payload_type: Literal["FINANCIAL", "SCAN_CODE"]
    auth_location: Literal["ENTRY", "EXIT", "MANUAL_IN_STORE"] | None = None


class ShoppingTrip(Shape):
    start_time: datetime
    end_time: datetime
    auth_events: list[AuthEvent]

    @model_validator(mode="after")
    def ends_after_start(self) -> "ShoppingTrip":
        if self.end_time < self.start_time:
            raise ValueError("endTime precedes startTime")
        return self


class Quantity(Shape):
    value: Annotated[str, StringConstraints(max_length=10, pattern=r"^[0-9]+(\.[0-9]+)?$")]
    unit: Text255


class CartItem(Shape):
    id: Text255
    type: Literal["SKU", "SCANCODE"]
    quantity: Quantity


class Cart(Shape):
    request_id: Uuid
    idempotent_shopping_trip_id: Text255
    store_id: Text255
    shopping_trip: ShoppingTrip
    cart_items: list[CartItem]


class Purchase(Shape):
    purchase_id: str


@asynccontextmanager
async def lifespan(application: FastAPI) -> AsyncIterator[None]:
    application.state.pool = await peer_pool.open_pool()
    yield
    await application.state.pool.close()


async def require_key(x_api_key: Annotated[str, Header()] = "") -> None:
    if not peer_pool.is_known_key(x_api_key):
        raise HTTPException(403, "x-api-key is not known")


app = FastAPI(lifespan=lifespan)


@app.post("/v1/order/purchases", status_code=201, dependencies=[Depends(require_key)])
async def create_purchase(cart: Cart, request: Request) -> Purchase:
    try:
        purchase_id = await peer_storage.store_cart(
            request.app.state.pool,
            trip_id=cart.idempotent_shopping_trip_id,
            store_id=cart.store_id,
            request_id=cart.request_id,
            started_at=cart.shopping_trip.start_time,
            ended_at=cart.shopping_trip.end_time,
            body=await request.body(),
            lines=[(item.id, item.type, item.quantity.value, item.quantity.unit) for item in cart.cart_items],
        )
    except peer_storage.UnknownStore as error:
        raise HTTPException(400, "storeId is not known") from error
    return Purchase(purchase_id=purchase_id)
