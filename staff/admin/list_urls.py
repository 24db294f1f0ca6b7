"""The pages about how a person sees lists."""

from django.contrib import admin
from django.urls import path

from staff.admin.list_pages import DeleteViewView, ListSettingsView, SavedViewView, SaveViewView

urlpatterns = [
    path("views/<int:pk>/", admin.site.admin_view(SavedViewView.as_view()), name="saved_view"),
    path("views/<int:pk>/delete/", admin.site.admin_view(DeleteViewView.as_view()), name="delete_view"),
    path("<str:list_name>/settings/", admin.site.admin_view(ListSettingsView.as_view()), name="list_settings"),
    path("<str:list_name>/views/", admin.site.admin_view(SaveViewView.as_view()), name="save_view"),
]
