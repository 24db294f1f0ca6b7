from django.urls import path

from loyalty.api.views import MembersView, MemberView, ScanKeyView

urlpatterns = [
    path("members/", MembersView.as_view(), name="member-list"),
    path("members/<str:external_id>/", MemberView.as_view(), name="member"),
    path("members/<str:external_id>/scan-key/", ScanKeyView.as_view(), name="member-scan-key"),
]
