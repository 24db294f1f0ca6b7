from django.urls import path

from loyalty.connector.views import GetScanDetailsView, GetShopperView, ResolveScanView, VerifyIdentityKeysView

urlpatterns = [
    path("v1/identity/identity-keys", VerifyIdentityKeysView.as_view(), name="verify-identity-keys"),
    path("v1/identity/scan", ResolveScanView.as_view(), name="resolve-scan"),
    path("v1/identity/scan/details", GetScanDetailsView.as_view(), name="get-scan-details"),
    path("v1/identity/shopper", GetShopperView.as_view(), name="get-shopper"),
]
