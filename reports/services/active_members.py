"""Members, of whom nobody may be counted twice: read from their own rows, since counts of days cannot be added."""

from collections import Counter
from datetime import date
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
    start, period = STARTS[query.group], query.period
    came: dict[str, dict[str, set[int]]] = {}
    rows = MembersEverywhere.objects.filter(day__range=(period.first, period.last)).order_by()
    for day, currency, members in rows.values_list("day", "currency", "members"):
        of_currency = came.setdefault(currency, {})
        of_currency.setdefault(str(start(day)), set()).update(unpacked(bytes(members)))
    return {
        currency: {place: len(who) for place, who in places.items()} | {TOTAL: len(set().union(*places.values()))}
        for currency, places in came.items()
    }


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
