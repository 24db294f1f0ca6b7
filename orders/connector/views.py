"""POST /v1/order/purchases."""

from django.http import HttpResponse

from amazon.inbound.schema import documented
from amazon.inbound.views import GatheredView, answer
from orders.services.intake import Arrived, receive_carts
from orders.wire import CreatePurchasesRequest, CreatePurchasesResponse, create_purchases_decoder


@documented("createPurchases", request=CreatePurchasesRequest, success=201, response=CreatePurchasesResponse)
class CreatePurchasesView(GatheredView[Arrived, str]):
    """A finished cart. Stored durably before the 201; priced and collected later. Amazon: create_purchases."""

    decoder = create_purchases_decoder
    act = staticmethod(receive_carts)

    def item(self, request: CreatePurchasesRequest, body: bytes) -> Arrived:
        request.check()
        return Arrived(request, body)

    def answer(self, result: str) -> HttpResponse:
        return answer(201, CreatePurchasesResponse(result))
