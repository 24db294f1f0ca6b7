"""Every route of the project."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from amazon.inbound.views import UnknownRouteView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("", include("loyalty.connector.urls")),
    path("", include("orders.connector.urls")),
    path("", include("payments.connector.urls")),
    re_path(r"^v[12]/", UnknownRouteView.as_view()),
    path("admin/", admin.site.urls),
    path("api/v1/", include("loyalty.api.urls")),
    path("api/v1/", include("reports.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(), name="api-docs"),
    path("", include("core.health")),
]
