"""The shapes of paying by Dash Cart. Amazon: OrderingConnector, version 2021-07-11."""

from typing import Annotated

import msgspec
from msgspec import Meta

from amazon.wire import Shape, Text255
from orders.dash_cart_wire import RequestOrigin, TripId
from orders.wire import PaymentSource


class AuthorizeChargesRequest(Shape, frozen=True):
    store_id: Text255
    shopping_trip_id: TripId
    request_origin: RequestOrigin
    payment_sources: list[PaymentSource]


class AuthorizeChargesResponse(Shape, frozen=True):
    auth_token: str


class CaptureChargesRequest(Shape, frozen=True):
    store_id: Text255
    shopping_trip_id: TripId
    request_origin: RequestOrigin
    auth_token: Annotated[str, Meta(min_length=1)]


class CancelChargesRequest(Shape, frozen=True):
    store_id: Text255
    shopping_trip_id: TripId
    request_origin: RequestOrigin


class ConfirmationResponse(Shape, frozen=True):
    confirmation: str


authorize_charges_decoder = msgspec.json.Decoder(AuthorizeChargesRequest)
capture_charges_decoder = msgspec.json.Decoder(CaptureChargesRequest)
cancel_charges_decoder = msgspec.json.Decoder(CancelChargesRequest)
