"""Filters of the trips list. Their choices are fixed, so that none of them reads the trips."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter
from unfold.utils import parse_date_str

from orders.models import Trip
from payments.services.attention import WHYS, needs_a_look
from payments.services.trip_refunds import with_failed_refund, with_refund_under_way
from stores.day_filters import DayFilter, between, zone_of_days

ANY = "yes"


class AttentionFilter(DropdownFilter):
    title = gettext_lazy("what needs a look")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(ANY, _("Needs a look")), *((why.key, str(why.title)) for why in WHYS.values())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Trip]) -> QuerySet[Trip]:
        value = self.value()
        if value != ANY and value not in WHYS:
            return queryset
        found = needs_a_look(key="" if value == ANY else value)
        return queryset.filter(pk__in=found.order_by().values("pk"))


class RefundFilter(DropdownFilter):
    title = gettext_lazy("refunds")
    parameter_name = "refund"
    found = {"under_way": with_refund_under_way, "failed": with_failed_refund}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("under_way", _("Refund under way")), ("failed", _("Refund failed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Trip]) -> QuerySet[Trip]:
        narrowed = self.found.get(self.value() or "")
        return narrowed(queryset) if narrowed else queryset


class ReceivedDayFilter(DayFilter):
    parameter_name = "received"
    field = "received_at"


class ReceivedRangeFilter(RangeDateFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("own range of days")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Trip]) -> QuerySet[Trip]:
        first, last = (
            parse_date_str(self.used_parameters.get(f"{self.parameter_name}_{end}", "")) for end in ("from", "to")
        )
        if first is None and last is None:
            return queryset
        return between(queryset, "received_at", first, last, zone_of_days(request))
