from django.urls import path

from reports.api.contests import ContestsView
from reports.api.reports import view_of
from reports.api.views import RefundsView, TripListView, TripView
from reports.pages import PAGES

urlpatterns = [
    *(path(f"reports/{page.key}/", view_of(page), name=f"api-report-{page.key}") for page in PAGES),
    path("trips/", TripListView.as_view(), name="trip-list"),
    path("trips/<str:trip_id>/", TripView.as_view(), name="trip"),
    path("trips/<str:trip_id>/contests/", ContestsView.as_view(), name="trip-contests"),
    path("trips/<str:trip_id>/refunds/", RefundsView.as_view(), name="trip-refunds"),
]
