"""Filters of the trips list. Their choices are fixed, so that none of them reads the trips."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter
from unfold.utils import parse_date_str

from orders.models import Trip
from payments.services.attention import needs_a_look
from stores.day_filters import DayFilter, between, zone_of_days


class AttentionFilter(DropdownFilter):
    title = "what needs a look"
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("yes", "Needs a look")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Trip]) -> QuerySet[Trip]:
        return queryset.filter(pk__in=needs_a_look().order_by().values("pk")) if self.value() == "yes" else queryset


class ReceivedDayFilter(DayFilter):
    parameter_name = "received"
    field = "received_at"


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
        return between(queryset, "received_at", first, last, zone_of_days(request))
