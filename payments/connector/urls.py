from django.urls import path

from payments.connector.authorization import GetShopperAuthorizationView
from payments.connector.dash_cart import AuthorizeChargesView, CancelChargesView, CaptureChargesView

urlpatterns = [
    path(
        "v1/fraudandabuse/shopperauthorization",
        GetShopperAuthorizationView.as_view(),
        name="get-shopper-authorization",
    ),
    path("v1/order/authorize/charges", AuthorizeChargesView.as_view(), name="authorize-charges"),
    path("v1/order/capture/charges", CaptureChargesView.as_view(), name="capture-charges"),
    path("v1/order/cancel/charges", CancelChargesView.as_view(), name="cancel-charges"),
]
