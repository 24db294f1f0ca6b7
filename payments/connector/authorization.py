"""POST /v1/fraudandabuse/shopperauthorization."""

from django.http import HttpResponse

from amazon.inbound.schema import documented
from amazon.inbound.views import ConnectorView, answer
from payments.authorization_wire import (
    GetShopperAuthorizationRequest,
    GetShopperAuthorizationResponse,
    get_shopper_authorization_decoder,
    response,
)
from payments.services.authorization import authorize_shopper


@documented(
    "getShopperAuthorization",
    request=GetShopperAuthorizationRequest,
    success=200,
    response=GetShopperAuthorizationResponse,
    errors=(404,),
)
class GetShopperAuthorizationView(ConnectorView):
    """The retailer's word about a card at the gate: let in or refused, both a 200. Amazon: fraud_abuse_api."""

    decoder = get_shopper_authorization_decoder

    def handle(self, request: GetShopperAuthorizationRequest, body: bytes) -> HttpResponse:
        request.check()
        given = authorize_shopper(request)
        return answer(
            200, response(is_authorized=given.is_authorized, risks=given.risks, adjusted_to=given.adjusted_to)
        )
