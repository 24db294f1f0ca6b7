from django.urls import path

from orders.connector.dash_cart import GetProductView, PreviewPurchaseV2View, PreviewPurchaseView
from orders.connector.views import CreatePurchasesView

urlpatterns = [
    path("v1/order/purchases", CreatePurchasesView.as_view(), name="create-purchases"),
    path("v1/order/product", GetProductView.as_view(), name="get-product"),
    path("v1/order/products", PreviewPurchaseView.as_view(), name="preview-purchase"),
    path("v2/order/products", PreviewPurchaseV2View.as_view(), name="preview-purchase-v2"),
]
