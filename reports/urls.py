from django.contrib import admin
from django.urls import path

from reports.pages import PAGES
from reports.views.files import FilesContentView, FilesView, FileView
from reports.views.pages import ReportFileView, ReportView
from reports.views.saved import DeleteReportView, SavedReportsView, SavedReportView, SaveReportView, SendReportView

_EXTENSIONS = ("csv", "xlsx")

# The first page is the front door.
urlpatterns = [
    *(
        path(
            "" if page is PAGES[0] else f"{page.key}/",
            admin.site.admin_view(ReportView.as_view(page=page)),
            name=f"report-{page.key}",
        )
        for page in PAGES
    ),
    *(
        path(
            f"{page.key}/{extension}/",
            admin.site.admin_view(ReportFileView.as_view(page=page, extension=extension)),
            name=f"report-{page.key}-{extension}",
        )
        for page in PAGES
        for extension in _EXTENSIONS
    ),
    path("files/", admin.site.admin_view(FilesView.as_view()), name="report-files"),
    path("files/content/", admin.site.admin_view(FilesContentView.as_view()), name="report-files-content"),
    path("files/<int:pk>/", admin.site.admin_view(FileView.as_view()), name="report-file"),
    path("saved/", admin.site.admin_view(SavedReportsView.as_view()), name="reports-saved"),
    path("saved/new/<str:key>/", admin.site.admin_view(SaveReportView.as_view()), name="report-save"),
    path("saved/<int:pk>/", admin.site.admin_view(SavedReportView.as_view()), name="report-saved"),
    path("saved/<int:pk>/send/", admin.site.admin_view(SendReportView.as_view()), name="report-send"),
    path("saved/<int:pk>/delete/", admin.site.admin_view(DeleteReportView.as_view()), name="report-delete"),
]
