"""Which members came to any store on a day: kept, so that a report need not look at each of their trips."""

import struct
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date

from reports.services.same_day import SameDay
from stores.models import Store


def who_came(day: date) -> Iterator[tuple[str, bytes]]:
    """By the currency of the stores. A statement for each time zone, along the index trip_of_member_by_store."""
    stores: defaultdict[str, list[int]] = defaultdict(list)
    for pk, zone in Store.objects.order_by("pk").values_list("pk", "time_zone"):
        stores[zone].append(pk)
    found: defaultdict[str, set[int]] = defaultdict(set)
    for zone, ids in stores.items():
        came = SameDay(day, zone, tuple(ids)).came().filter(member__isnull=False)
        for currency, member in came.values_list("store__currency", "member").distinct():
            found[currency].add(member)
    for currency, members in found.items():
        yield currency, packed(members)


def packed(members: Collection[int]) -> bytes:
    return struct.pack(f"<{len(members)}q", *sorted(members))


def unpacked(members: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(members) // 8}q", members)
