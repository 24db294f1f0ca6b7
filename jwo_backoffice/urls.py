"""Every route of the project."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from amazon.inbound.views import UnknownRouteView
from payments.admin import search
from payments.admin.reconciliation import ReconciliationView
from payments.receipt_page import receipt_page
from reports.audit.page import AuditView, ExportView
from staff.admin.notifications import NotificationChoicesView, NotificationsView, OpenNotificationView
from staff.signing_in.pages import admin_logout, or_sign_in

handler403 = "core.admin.rights.denied"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("", include("loyalty.connector.urls")),
    path("", include("orders.connector.urls")),
    path("", include("payments.connector.urls")),
    re_path(r"^v[12]/", UnknownRouteView.as_view()),
    path("account/", include("staff.signing_in.urls")),
    path("admin/logout/", admin_logout),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/reconciliation/", admin.site.admin_view(ReconciliationView.as_view()), name="reconciliation"),
    path("admin/notifications/", admin.site.admin_view(NotificationsView.as_view()), name="notifications"),
    path("admin/notifications/<int:pk>/", admin.site.admin_view(OpenNotificationView.as_view()), name="notification"),
    path(
        "admin/notifications/choices/",
        admin.site.admin_view(NotificationChoicesView.as_view()),
        name="notification_choices",
    ),
    path("admin/audit/", admin.site.admin_view(AuditView.as_view()), name="audit"),
    path("admin/audit/export/", admin.site.admin_view(ExportView.as_view()), name="audit_export"),
    path("admin/lists/", include("staff.admin.list_urls")),
    path("reports/", include("reports.urls")),
    *search.urls,
    path("admin/", admin.site.urls),
    # Without a token: a receipt begins no session, and a wrong language does nobody harm.
    path("language/", csrf_exempt(set_language), name="set_language"),
    path("receipts/<str:token>/", receipt_page, name="receipt"),
    path("api/v1/", include("loyalty.api.urls")),
    path("api/v1/", include("reports.api.urls")),
    path("api/schema/", or_sign_in(SpectacularAPIView.as_view()), name="schema"),
    path("api/docs/", or_sign_in(SpectacularSwaggerView.as_view()), name="api-docs"),
    path("", include("core.health")),
]
