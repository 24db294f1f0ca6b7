"""Filters of lists by day: a day ends at the midnight of the stores that are listed."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from core.languages import Words

_DAYS_AGO = {"today": (0, 0), "yesterday": (1, 1), "7": (6, 0), "30": (29, 0)}


def zone_of_days(request: HttpRequest) -> str:
    """Whose midnight ends a day: the chosen store's, or that of all one's stores if they share one, else UTC."""
    person: Any = request.user
    chosen = request.GET.get("store__id__exact", "")
    stores = [store for store in person.seen_stores if not chosen.isdecimal() or store.pk == int(chosen)]
    zones: set[str] = {store.time_zone for store in stores}
    return zones.pop() if len(zones) == 1 else "UTC"


def between(rows: QuerySet[Any], field: str, first: date | None, last: date | None, zone: str) -> QuerySet[Any]:
    """Rows whose time `field` lies in these days; both are included."""
    if first is not None:
        rows = rows.filter(**{f"{field}__gte": datetime.combine(first, time.min, ZoneInfo(zone))})
    if last is not None:
        end = datetime.combine(last + timedelta(days=1), time.min, ZoneInfo(zone))
        rows = rows.filter(**{f"{field}__lt": end})
    return rows


class DayFilter(DropdownFilter):
    """Subclasses name the time that counts. The choices are fixed, so that none of them reads the rows."""

    title: Words = gettext_lazy("day")
    field: ClassVar[str] = ""

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.request = request

    @cached_property
    def zone(self) -> str:
        return zone_of_days(self.request)

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Its title, too, says whose midnight it is, once somebody looks at it."""
        self.title = _("day (midnight in %(zone)s)") % {"zone": self.zone}
        yield from super().choices(changelist)

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [
            ("today", _("Today")),
            ("yesterday", _("Yesterday")),
            ("7", _("Last 7 days")),
            ("30", _("Last 30 days")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in _DAYS_AGO:
            return queryset
        today = datetime.now(UTC).astimezone(ZoneInfo(self.zone)).date()
        first, last = (today - timedelta(days=days) for days in _DAYS_AGO[self.value()])
        return between(queryset, self.field, first, last, self.zone)
