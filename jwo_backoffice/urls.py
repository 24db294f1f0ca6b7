"""Every route of the project."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from amazon.inbound.views import UnknownRouteView
from payments.admin.reconciliation import ReconciliationView
from payments.receipt_page import receipt_page

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("", include("loyalty.connector.urls")),
    path("", include("orders.connector.urls")),
    path("", include("payments.connector.urls")),
    re_path(r"^v[12]/", UnknownRouteView.as_view()),
    path("admin/reconciliation/", admin.site.admin_view(ReconciliationView.as_view()), name="reconciliation"),
    path("admin/", admin.site.urls),
    path("receipts/<str:token>/", receipt_page, name="receipt"),
    path("api/v1/", include("loyalty.api.urls")),
    path("api/v1/", include("reports.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(), name="api-docs"),
    path("", include("core.health")),
]
