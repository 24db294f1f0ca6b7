"""Members, of whom nobody may be counted twice: read from their own rows, since counts of days cannot be added."""

from collections import Counter
from datetime import date
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, DateField, F, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, TruncDate, TruncMonth, TruncWeek

from loyalty.models import Member, MemberKind
from orders.models import Trip
from reports.days import STARTS
from reports.models import MembersEverywhere
from reports.query import BY_STORE, Query, in_days_of, span_of_days, zone_of
from reports.services.members_everywhere import unpacked

_TRUNCATED: dict[str, Any] = {"day": TruncDate, "week": TruncWeek, "month": TruncMonth}
TOTAL = ""
_AT_ONCE = 50


def active_members(query: Query) -> dict[str, dict[str, int]]:
    """How many members came, by the currency of their stores, and there by row: a store's pk or a day as text, and
    TOTAL. One statement: of all stores over a row for each day, else along the index trip_of_member_by_store."""
    if query.is_about_everything and query.group != BY_STORE:
        return _of_all_stores(query)
    came = Trip.objects.filter(in_days_of(query, "received_at"), member__isnull=False).order_by()
    rows = _counted(came, Cast(_place(query), TextField())).union(_counted(came, Value(TOTAL, TextField())), all=True)
    found: dict[str, dict[str, int]] = {}
    for currency, place, number in rows:
        found.setdefault(currency, {})[place] = number
    return found


def _of_all_stores(query: Query) -> dict[str, dict[str, int]]:
    """Read in the order of the rows, so that no more is held than who came in one of them, and who came at all."""
    start, period = STARTS[query.group], query.period
    days = MembersEverywhere.objects.filter(day__range=(period.first, period.last)).order_by("currency", "day")
    kept = days.values_list("currency", "day", "members").iterator(_AT_ONCE)
    found: dict[str, dict[str, int]] = {}
    for currency, of_currency in groupby(kept, lambda row: row[0]):
        places: dict[str, int] = {}
        everybody: set[int] = set()
        for place, of_place in groupby(of_currency, lambda row: str(start(row[1]))):
            came: set[int] = set()
            for _, _, members in of_place:
                came.update(unpacked(bytes(members)))
            places[place] = len(came)
            everybody |= came
        found[currency] = places | {TOTAL: len(everybody)}
    return found


def new_members(query: Query) -> Counter[date]:
    """Shoppers who became members, by day, in all stores: a member belongs to none. One statement."""
    zone, span = zone_of(list(query.stores)), span_of_days(query)
    shoppers = Member.objects.filter(
        kind=MemberKind.SHOPPER, created_at__gte=span.start, created_at__lt=span.end
    ).order_by()
    days = shoppers.values_list(TruncDate("created_at", tzinfo=ZoneInfo(zone)))
    return Counter(dict(days.annotate(number=Count("pk"))))


def _counted(came: QuerySet[Trip], place: Any) -> QuerySet[Any]:
    return came.values_list("store__currency", place).annotate(number=Count("member", distinct=True))


def _place(query: Query) -> Any:
    if query.group == BY_STORE:
        return F("store")
    start = _TRUNCATED[query.group]
    options = {} if start is TruncDate else {"output_field": DateField()}
    cases = [
        When(store__time_zone=zone, then=start("received_at", tzinfo=ZoneInfo(zone), **options)) for zone in query.zones
    ]
    return Cast(Case(*cases, output_field=DateField()), DateField())  # PostgreSQL cuts days off as times
