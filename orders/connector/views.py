"""POST /v1/order/purchases."""

from django.http import HttpResponse

from amazon.inbound.schema import documented
from amazon.inbound.views import ConnectorView, answer
from orders.services.intake import receive_cart
from orders.wire import CreatePurchasesRequest, CreatePurchasesResponse, create_purchases_decoder


@documented("createPurchases", request=CreatePurchasesRequest, success=201, response=CreatePurchasesResponse)
class CreatePurchasesView(ConnectorView):
    """A finished cart. Stored durably before the 201; priced and collected later. Amazon: create_purchases."""

    decoder = create_purchases_decoder

    def handle(self, request: CreatePurchasesRequest, body: bytes) -> HttpResponse:
        request.check()
        return answer(201, CreatePurchasesResponse(receive_cart(request, body)))
