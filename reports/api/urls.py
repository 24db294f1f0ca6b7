from django.urls import path

from reports.api.views import RefundsView, TripListView, TripView

urlpatterns = [
    path("trips/", TripListView.as_view(), name="trip-list"),
    path("trips/<str:trip_id>/", TripView.as_view(), name="trip"),
    path("trips/<str:trip_id>/refunds/", RefundsView.as_view(), name="trip-refunds"),
]
