"""Paying by Dash Cart: POST /v1/order/authorize/charges, /v1/order/capture/charges and /v1/order/cancel/charges."""

from django.http import HttpResponse

from amazon.inbound.schema import documented
from amazon.inbound.views import ConnectorView, answer
from payments.dash_cart_wire import (
    AuthorizeChargesRequest,
    AuthorizeChargesResponse,
    CancelChargesRequest,
    CaptureChargesRequest,
    ConfirmationResponse,
    authorize_charges_decoder,
    cancel_charges_decoder,
    capture_charges_decoder,
)
from payments.services.dash_cart import cancel, capture, hold


@documented(
    "authPaymentForShoppingTrip",
    request=AuthorizeChargesRequest,
    success=200,
    response=AuthorizeChargesResponse,
    errors=(401,),
)
class AuthorizeChargesView(ConnectorView):
    """A hold on a member's house account; 401 when it is declined. Amazon: OrderingConnector."""

    decoder = authorize_charges_decoder

    def handle(self, request: AuthorizeChargesRequest, body: bytes) -> HttpResponse:
        sources = [source.id for source in request.payment_sources]
        return answer(200, AuthorizeChargesResponse(hold(request.store_id, request.shopping_trip_id, sources=sources)))


@documented("capturePaymentForShoppingTrip", request=CaptureChargesRequest, success=200, response=ConfirmationResponse)
class CaptureChargesView(ConnectorView):
    """What the trip costs is taken, once. Amazon: OrderingConnector."""

    decoder = capture_charges_decoder

    def handle(self, request: CaptureChargesRequest, body: bytes) -> HttpResponse:
        confirmation = capture(request.store_id, request.shopping_trip_id, auth_token=request.auth_token)
        return answer(200, ConfirmationResponse(confirmation))


@documented("cancelShoppingTrip", request=CancelChargesRequest, success=200, response=ConfirmationResponse)
class CancelChargesView(ConnectorView):
    """The trip was abandoned: nothing is held for it any more. Amazon: OrderingConnector."""

    decoder = cancel_charges_decoder

    def handle(self, request: CancelChargesRequest, body: bytes) -> HttpResponse:
        return answer(200, ConfirmationResponse(cancel(request.store_id, request.shopping_trip_id)))
