"""How trips are picked."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django.db.models import QuerySet

from orders.models import Trip
from orders.states import TripState
from stores.models import Store


def _stores(request: Any) -> QuerySet[Store]:
    """Those that exist for whoever asks; nobody asks while the schema is drawn."""
    visible = getattr(getattr(request, "user", None), "visible", None)
    return visible(Store.objects.all(), "pk") if visible else Store.objects.none()


class TripFilter(django_filters.FilterSet):
    """`from` and `to` are days (both included) on which the cart was received: the store's own days where `store` is
    given, else days in UTC. `date` is both at once."""

    store = django_filters.ModelChoiceFilter(
        queryset=_stores, to_field_name="external_id", help_text="The store's external id."
    )
    state = django_filters.ChoiceFilter(choices=TripState.choices)
    date = django_filters.DateFilter(method="on_day", help_text="YYYY-MM-DD")

    class Meta:
        model = Trip
        fields = ["store", "state", "date"]

    @classmethod
    def get_filters(cls) -> dict[str, Any]:
        """`from` is a Python keyword, so these two cannot be class attributes."""
        filters: dict[str, Any] = super().get_filters()
        return filters | {
            "from": django_filters.DateFilter(method="from_day", help_text="YYYY-MM-DD"),
            "to": django_filters.DateFilter(method="to_day", help_text="YYYY-MM-DD"),
        }

    def on_day(self, trips: QuerySet[Trip], name: str, day: Any) -> QuerySet[Trip]:
        return self.to_day(self.from_day(trips, name, day), name, day)

    def from_day(self, trips: QuerySet[Trip], name: str, day: Any) -> QuerySet[Trip]:
        return trips.filter(received_at__gte=self._midnight(day))

    def to_day(self, trips: QuerySet[Trip], name: str, day: Any) -> QuerySet[Trip]:
        return trips.filter(received_at__lt=self._midnight(day + timedelta(days=1)))

    def _midnight(self, day: Any) -> datetime:
        store = self.form.cleaned_data.get("store")
        return datetime.combine(day, time.min, tzinfo=ZoneInfo(store.time_zone if store else "UTC"))
