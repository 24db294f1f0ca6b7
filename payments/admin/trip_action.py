"""The frame of each page about one trip."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from core.admin import ConfirmView, RowView
from orders.models import Trip
from payments.services.trip_page import TripPage, trip_page, trips_with_page
from staff.services.people import person_of


class TripView(RowView):
    trip: Trip

    def rows(self) -> QuerySet[Any]:
        return super().rows().select_related("store")

    def find(self, pk: int | str) -> Trip:
        self.trip = self.find_trip(pk)
        return self.trip

    def find_trip(self, pk: int | str) -> Trip:
        trip: Trip = super().find(pk)  # type: ignore[assignment]
        return trip

    def page(self, request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
        own = {"trip": self.trip, "store": self.trip.store, "trips_url": self._trips_url(request)}
        return super().page(request, status=status, **(own | context))

    def _trips_url(self, request: HttpRequest) -> str:
        """Back to the list as it was filtered."""
        filters = request.GET.get("_changelist_filters", "")
        return reverse("admin:orders_trip_changelist") + (f"?{filters}" if filters else "")


class WholeTripView(TripView):
    """With all that the trip's page shows in `self.content`."""

    content: TripPage

    def rows(self) -> QuerySet[Any]:
        return trips_with_page(super().rows())

    def find_trip(self, pk: int | str) -> Trip:
        trip = super().find_trip(pk)
        self.content = trip_page(trip, seen_by=person_of(self.request))
        return trip


class ConfirmActionView(TripView, ConfirmView):
    """GET asks, POST acts. What the route names besides the trip stands in `self.kwargs`."""
