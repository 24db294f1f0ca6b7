"""Filters of the trips list. Their choices are fixed, so that none of them reads the trips."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter
from unfold.utils import parse_date_str

from orders.models import Trip
from payments.services.attention import needs_a_look
from stores.models import Store

_DAYS_AGO = {"today": (0, 0), "yesterday": (1, 1), "7": (6, 0), "30": (29, 0)}


def zone_of_days(request: HttpRequest) -> str:
    """Whose midnight ends a day: the chosen store's, or that of all stores if they share one, else UTC."""
    stores = Store.objects.all()
    chosen = request.GET.get("store__id__exact", "")
    if chosen.isdecimal():
        stores = stores.filter(pk=int(chosen))
    zones = list(stores.order_by().values_list("time_zone", flat=True).distinct()[:2])
    return zones[0] if len(zones) == 1 else "UTC"


def received_between(trips: QuerySet[Trip], first: date | None, last: date | None, zone: str) -> QuerySet[Trip]:
    """Both days are included."""
    if first is not None:
        trips = trips.filter(received_at__gte=datetime.combine(first, time.min, ZoneInfo(zone)))
    if last is not None:
        trips = trips.filter(received_at__lt=datetime.combine(last + timedelta(days=1), time.min, ZoneInfo(zone)))
    return trips


class AttentionFilter(DropdownFilter):
    title = "what needs a look"
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("yes", "Needs a look")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Trip]) -> QuerySet[Trip]:
        return queryset.filter(pk__in=needs_a_look().order_by().values("pk")) if self.value() == "yes" else queryset


class ReceivedDayFilter(DropdownFilter):
    title = "day"
    parameter_name = "received"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.zone = zone_of_days(request)
        self.title = f"day (midnight in {self.zone})"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("today", "Today"), ("yesterday", "Yesterday"), ("7", "Last 7 days"), ("30", "Last 30 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Trip]) -> QuerySet[Trip]:
        if self.value() not in _DAYS_AGO:
            return queryset
        today = datetime.now(UTC).astimezone(ZoneInfo(self.zone)).date()
        first, last = (today - timedelta(days=days) for days in _DAYS_AGO[self.value()])
        return received_between(queryset, first, last, self.zone)


class ReceivedRangeFilter(RangeDateFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "own range of days"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Trip]) -> QuerySet[Trip]:
        first, last = (
            parse_date_str(self.used_parameters.get(f"{self.parameter_name}_{end}", "")) for end in ("from", "to")
        )
        if first is None and last is None:
            return queryset
        return received_between(queryset, first, last, zone_of_days(request))
