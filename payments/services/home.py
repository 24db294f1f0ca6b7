"""What the start page tells: what waits for a person, and how today goes at each store."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast

from core.admin.paging import AtLeast
from core.money import DECIMAL_PLACES, MAX_DIGITS, Money, rounded
from orders.models import Trip
from orders.states import TripState
from payments.models import Charge, PaymentEvent
from payments.services.attention import CAUSES, WHYS, Cause, Why, named, union
from staff.models import User
from stores.models import Store

MOST_COUNTED = 100
MOST_STORES = 50
NOT_COLLECTED = (TripState.UNPAID, TripState.PARTLY_PAID, TripState.EXPIRED, TripState.FAILED)
_AMOUNT = DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
_NO_AMOUNT = Cast(Value(None), _AMOUNT)
# By kind of event, what a StoreDay calls it.
_MOVED = {PaymentEvent.Kind.CAPTURE: "taken", PaymentEvent.Kind.REFUND: "refunded"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many trips have this cause, one of them since `oldest`; the money it is about stands in each currency."""

    why: Why
    trips: int
    oldest: datetime
    amounts: list[Money]


@dataclass(slots=True)
class StoreDay:
    """A store's own day so far. Amounts are sums in each currency."""

    store: Store
    trips: int = 0
    taken: list[Money] = field(default_factory=list)
    refunded: list[Money] = field(default_factory=list)
    unpaid: list[Money] = field(default_factory=list)


class _Row(NamedTuple):
    key: str
    trip_pk: int
    since: datetime
    worth: Decimal | None
    currency: str


def waiting_for(person: User, now: datetime | None = None) -> list[Waiting]:
    """At the stores that this person sees: one statement, that reads the first rows of each cause."""
    now = now or datetime.now(UTC)
    parts = [_first_rows(cause, person.visible(cause.rows(now), cause.store)) for cause in CAUSES]
    found: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in map(_Row._make, union(parts)):
        found[row.key].append(row)
    return [_waiting(why, found[key]) for key, why in WHYS.items() if key in found]


def todays(person: User, now: datetime | None = None) -> tuple[list[StoreDay], bool]:
    """Each store that this person sees, by name, and whether there are more than are shown. Two statements."""
    now = now or datetime.now(UTC)
    last_cart = Trip.objects.filter(store=OuterRef("pk")).order_by("-received_at", "-id").values("received_at")[:1]
    stores = list(person.visible(Store.objects.annotate(last_cart_at=Subquery(last_cart)), "pk")[: MOST_STORES + 1])
    days = {store.pk: StoreDay(store) for store in stores[:MOST_STORES]}
    if days:
        _fill(days, now)
    return list(days.values()), len(stores) > MOST_STORES


def _first_rows(cause: Cause, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Cut off before the union, which could not do it for each part."""
    first = rows.order_by(*cause.order).values("pk")[: MOST_COUNTED + 1]
    told: QuerySet[Any] = (
        named(cause, rows.model._default_manager.filter(pk__in=first))
        .annotate(cause_since=F(cause.since), cause_worth=_NO_AMOUNT if cause.worth is None else cause.worth)
        .values_list("cause_key", "cause_trip", "cause_since", "cause_worth", cause.currency)
    )
    return told


def _waiting(why: Why, rows: list[_Row]) -> Waiting:
    trips = len({row.trip_pk for row in rows})
    is_cut = len(rows) > MOST_COUNTED
    return Waiting(
        why=why,
        trips=AtLeast(min(trips, MOST_COUNTED)) if is_cut else trips,
        oldest=min(row.since for row in rows),
        amounts=[] if is_cut else _sums((row.currency, row.worth) for row in rows if row.worth),
    )


def _sums(parts: Any) -> list[Money]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for currency, amount in parts:
        sums[currency] += amount
    return [Money(rounded(amount, currency), currency) for currency, amount in sorted(sums.items())]


def _fill(days: dict[int, StoreDay], now: datetime) -> None:
    """One statement: a union of the trips, what is not paid of them, and the money that moved."""
    stores = [day.store for day in days.values()]
    trips = Trip.objects.filter(_today(stores, "store", "received_at", now)).annotate(
        what=Value("trips"), of_store=F("store"), money=Value("")
    )
    came = Charge.objects.filter(_today(stores, "trip__store", "trip__received_at", now))
    unpaid = came.filter(trip__state__in=NOT_COLLECTED).annotate(
        what=Value("unpaid"), of_store=F("trip__store"), money=F("currency")
    )
    moved = PaymentEvent.objects.filter(
        _today(stores, "charge__trip__store", "at", now), kind__in=_MOVED, phase=PaymentEvent.Phase.SUCCEEDED
    ).annotate(what=F("kind"), of_store=F("charge__trip__store"), money=F("currency"))
    sums: tuple[tuple[QuerySet[Any], Any], ...] = (
        (unpaid, Sum(F("amount") - F("captured") - F("settled"))),
        (moved, Sum("amount")),
        (trips, Cast(Count("pk"), _AMOUNT)),
    )
    parts = [rows.order_by().values_list("what", "of_store", "money").annotate(sum=total) for rows, total in sums]
    for what, pk, currency, total in sorted(union(parts)):
        if what == "trips":
            days[pk].trips = int(total)
        else:
            getattr(days[pk], _MOVED.get(what, what)).extend(_sums([(currency, total)]))


def _today(stores: Sequence[Store], store: str, moment: str, now: datetime) -> Q:
    """Since midnight at each store; the earliest of them stands alone, too, for the index."""
    by_zone: defaultdict[str, list[int]] = defaultdict(list)
    for each in stores:
        by_zone[each.time_zone].append(each.pk)
    midnights = {zone: _midnight(zone, now) for zone in by_zone}
    days = Q()
    for zone, pks in by_zone.items():
        days |= Q(**{f"{store}__in": pks, f"{moment}__gte": midnights[zone]})
    return days & Q(**{f"{moment}__gte": min(midnights.values())})


def _midnight(zone: str, now: datetime) -> datetime:
    return datetime.combine(now.astimezone(ZoneInfo(zone)).date(), time.min, ZoneInfo(zone))
