"""What a Dash Cart asks about prices: POST /v1/order/product, /v2/order/products and, older, /v1/order/products."""

from django.http import HttpResponse

from amazon.inbound.schema import documented
from amazon.inbound.views import ConnectorView, answer
from orders.connector.dash_cart_answers import preview_v1, preview_v2, product_answer
from orders.dash_cart_wire import (
    GetProductRequest,
    GetProductResponse,
    PreviewPurchaseRequest,
    PreviewPurchaseResponse,
    PreviewPurchaseV2Response,
    get_product_decoder,
    preview_purchase_decoder,
)
from orders.services.dash_cart import look_up, preview_cart


@documented("getProduct", request=GetProductRequest, success=200, response=GetProductResponse, errors=(404,))
class GetProductView(ConnectorView):
    """One scanned item with its price; 404 for what the store does not sell. Amazon: OrderingConnector."""

    decoder = get_product_decoder

    def handle(self, request: GetProductRequest, body: bytes) -> HttpResponse:
        request.check()
        return answer(200, product_answer(look_up(request.store_id, request.cart_item)))


@documented("previewPurchaseV2", request=PreviewPurchaseRequest, success=200, response=PreviewPurchaseV2Response)
class PreviewPurchaseV2View(ConnectorView):
    """What the cart costs so far. An item that cannot be sold is a constraint violation. Amazon: OrderingConnector."""

    decoder = preview_purchase_decoder

    def handle(self, request: PreviewPurchaseRequest, body: bytes) -> HttpResponse:
        request.check()
        preview = preview_cart(request.store_id, request.shopping_trip_id, request.cart_items)
        return answer(200, preview_v2(preview, request))


@documented("previewPurchase", request=PreviewPurchaseRequest, success=200, response=PreviewPurchaseResponse)
class PreviewPurchaseView(ConnectorView):
    """The same in Amazon's older shape. Amazon: OrderingConnector."""

    decoder = preview_purchase_decoder

    def handle(self, request: PreviewPurchaseRequest, body: bytes) -> HttpResponse:
        request.check()
        preview = preview_cart(request.store_id, request.shopping_trip_id, request.cart_items)
        return answer(200, preview_v1(preview, request))
