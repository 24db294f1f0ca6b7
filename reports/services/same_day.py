"""One day of several stores at once: a statement for all of them costs little more than for one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from orders.models import Trip
from reports.days import Span, span_of
from stores.models import Store

StoreAndDay = tuple[int, date]

# So many stores are computed in one transaction.
MOST_STORES = 50


@dataclass(frozen=True, slots=True)
class SameDay:
    """Of stores that share a time zone, so that their day has the same span. `is_last`: none of this day comes after
    it, so that all stores can be summed up."""

    day: date
    zone: str
    store_ids: tuple[int, ...]
    is_last: bool = True

    @property
    def span(self) -> Span:
        return span_of(self.day, self.zone)

    def came(self) -> QuerySet[Trip]:
        """The trips of the day."""
        return Trip.objects.filter(**self.within("received_at", "store")).order_by()

    def within(self, moment: str, store: str) -> dict[str, Any]:
        """Rows whose time and whose store these are."""
        span = self.span
        return {f"{store}__in": self.store_ids, f"{moment}__gte": span.start, f"{moment}__lt": span.end}


def same_days(days: Iterable[StoreAndDay], stores: Mapping[int, Store]) -> Iterator[SameDay]:
    """In the order of days; of each the stores by zone, not too many at once."""
    found: defaultdict[tuple[date, str], list[int]] = defaultdict(list)
    for store, day in sorted(days):
        found[day, stores[store].time_zone].append(store)
    last_zones = dict(sorted(found))
    for (day, zone), ids in sorted(found.items()):
        for start in range(0, len(ids), MOST_STORES):
            is_last = zone == last_zones[day] and start + MOST_STORES >= len(ids)
            yield SameDay(day, zone, tuple(ids[start : start + MOST_STORES]), is_last)
