"""The days that are compared: a store's own, from midnight to midnight."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import Invalid
from stores.models import Store


@dataclass(frozen=True, slots=True)
class Days:
    """Both days are included."""

    store: Store
    first: date
    last: date

    @classmethod
    def of(cls, store: Store, first: date | None, last: date | None) -> Self:
        """Yesterday in the store if neither is given; one day if only one is. Raises Invalid."""
        yesterday = datetime.now(UTC).astimezone(ZoneInfo(store.time_zone)).date() - timedelta(days=1)
        days = cls(store, first or last or yesterday, last or first or yesterday)
        if days.first > days.last:
            raise Invalid(_("%(first)s comes after %(last)s.") % {"first": days.first, "last": days.last}, field="last")
        return days

    def hold(self, field: str) -> Q:
        """Rows whose time `field` lies in them."""
        zone = ZoneInfo(self.store.time_zone)
        start = datetime.combine(self.first, time.min, zone)
        end = datetime.combine(self.last + timedelta(days=1), time.min, zone)
        return Q(**{f"{field}__gte": start, f"{field}__lt": end})

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __str__(self) -> str:
        days = str(self.first) if self.first == self.last else f"{self.first} to {self.last}"
        return f"{self.store}, {days} ({self.store.time_zone})"
