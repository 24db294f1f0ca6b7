from django.urls import path

from orders.connector.views import CreatePurchasesView

urlpatterns = [path("v1/order/purchases", CreatePurchasesView.as_view(), name="create-purchases")]
