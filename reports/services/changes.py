"""Which days of which stores are to be computed anew, by what happened since a moment.

Each change of a trip or of its money leaves an event; a question at the gate and what a Dash Cart takes are rows.
What does neither is marked as dirty: a member who becomes known after the trip (orders.events.trips_linked) or is
erased, a store's new time zone or currency, a product's new SKU, charges that a processor of the retailer's own closes
without a word, and the details of cards, which come after the capture (`mark_what_is_under_way`).
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Min, Q

from loyalty.models import Member, Scan
from orders.models import Trip, TripEvent
from orders.states import TripState
from payments.models import DashCartCharge, GateDecision, PaymentEvent
from reports.days import day_of, days_between
from reports.models import BRAND_AWAITED, TABLES, DirtyDay, FoldedStore, ProductDay, TripDay
from reports.services.money_rows import KINDS
from reports.services.same_day import StoreAndDay
from stores.models import Product, Store

# The other events change nothing that is added up.
_CHANGES = (
    TripEvent.Kind.HELD,
    TripEvent.Kind.PRODUCT_CHOSEN,
    TripEvent.Kind.PRICED,
    TripEvent.Kind.ADJUSTED,
)
_BATCH = 2_000


def changed_since(moment: datetime, zones: dict[int, str]) -> set[StoreAndDay]:
    """Of the stores whose time zones, by pk, are given: six scans of what is new, found by time."""
    return {(store, day_of(at, zones[store])) for store, at in _touched_since(moment) if store in zones}


def _touched_since(moment: datetime) -> Iterator[tuple[int, datetime]]:
    """Stores, each with a moment of the day that is to be computed anew."""
    with_refunds: set[int] = set()
    trips = Trip.objects.filter(received_at__gte=moment).order_by()
    yield from trips.values_list("store", "received_at").iterator(_BATCH)
    events = TripEvent.objects.filter(at__gte=moment, kind__in=_CHANGES).order_by()
    for store, received_at, kind, trip in events.values_list(
        "trip__store", "trip__received_at", "kind", "trip"
    ).iterator(_BATCH):
        yield store, received_at
        if kind == TripEvent.Kind.ADJUSTED:
            with_refunds.add(trip)
    moved = PaymentEvent.objects.filter(at__gte=moment).exclude(kind=PaymentEvent.Kind.FEEDBACK).order_by()
    columns = ("charge__trip__store", "charge__trip__received_at", "kind", "at", "charge__trip")
    for store, received_at, kind, at, trip in moved.values_list(*columns).iterator(_BATCH):
        yield store, received_at
        if kind in KINDS:
            yield store, at
        if kind == PaymentEvent.Kind.REFUND:
            with_refunds.add(trip)
    yield from _refunds_of(with_refunds)
    dash_carts = DashCartCharge.objects.filter(ended_at__gte=moment, state=DashCartCharge.State.CAPTURED).order_by()
    for store, ended_at in dash_carts.values_list("store", "ended_at").iterator(_BATCH):
        if ended_at is not None:
            yield store, ended_at
    scans = Scan.objects.filter(received_at__gte=moment).order_by()
    yield from scans.values_list("store", "received_at").iterator(_BATCH)
    decisions = GateDecision.objects.filter(decided_at__gte=moment).order_by()
    yield from decisions.values_list("store", "decided_at").iterator(_BATCH)


def _refunds_of(trips: set[int]) -> Iterator[tuple[int, datetime]]:
    """How one is split by tax rates depends on the trip's lines and on its other refunds (reports.refund_shares)."""
    done = PaymentEvent.objects.filter(kind=PaymentEvent.Kind.REFUND, phase=PaymentEvent.Phase.SUCCEEDED).order_by()
    every = sorted(trips)
    for first in range(0, len(every), _BATCH):
        some = every[first : first + _BATCH]
        yield from done.filter(charge__trip__in=some).values_list("charge__trip__store", "at")


def mark_dirty(days: Iterable[StoreAndDay]) -> None:
    """In the transaction of whatever changed."""
    DirtyDay.objects.bulk_create([DirtyDay(store_id=store, day=day) for store, day in sorted(set(days))], _BATCH)


def mark_trips(trips: Collection[Trip]) -> None:
    """Trips with their stores, that changed without an event, as did what their refunds took back."""
    zones = {trip.store_id: trip.store.time_zone for trip in trips}
    refunds = PaymentEvent.objects.filter(
        kind=PaymentEvent.Kind.REFUND, phase=PaymentEvent.Phase.SUCCEEDED, charge__trip__in=trips
    )
    touched = [(trip.store_id, trip.received_at) for trip in trips]
    touched += refunds.order_by().values_list("charge__trip__store", "at")
    mark_dirty((store, day_of(at, zones[store])) for store, at in touched)


def mark_refusals_of(member: Member, ids: Collection[str]) -> None:
    """Why they were refused is erased with the member, who was called by these ids at the gate."""
    scans = Scan.objects.filter(member=member, is_accepted=False).order_by()
    decisions = GateDecision.objects.filter(shopper_id__in=ids, is_authorized=False).order_by()
    refused = [
        *scans.values_list("store", "store__time_zone", "received_at"),
        *decisions.values_list("store", "store__time_zone", "decided_at"),
    ]
    mark_dirty((store, day_of(at, zone)) for store, zone, at in refused)


def mark_product(product: Product) -> None:
    """It has another SKU, by which it is one with those of other stores: the days on which it was sold, and those on
    which it may be sold first just now, by who has read the old SKU and is not done."""
    sold = ProductDay.objects.filter(store=product.store_id, product=product).order_by()
    today = day_of(datetime.now(UTC), product.store.time_zone)
    days = {*sold.values_list("day", flat=True).distinct(), today, today - timedelta(days=1)}
    mark_dirty((product.store_id, day) for day in days)


def mark_changed_stores() -> None:
    """Stores whose days were never cut, or in another zone or currency: all of their days."""
    folded = {store: kept for store, *kept in FoldedStore.objects.values_list("store", "time_zone", "currency")}
    for store in Store.objects.order_by("pk"):
        if folded.get(store.pk) != [store.time_zone, store.currency]:
            with transaction.atomic():
                mark_dirty(all_days([store]))
                note_as_folded([store])


def note_as_folded(stores: Collection[Store]) -> None:
    """All of their days are made anew, or marked."""
    for store in stores:
        kept = {"time_zone": store.time_zone, "currency": store.currency}
        FoldedStore.objects.update_or_create(store=store, defaults=kept)


def all_days(stores: Collection[Store]) -> set[StoreAndDay]:
    """From each store's first trip, question at the gate or Dash Cart to today, and whatever stands in the roll-ups."""
    found: set[StoreAndDay] = set()
    for model in TABLES:
        stand = model._default_manager.filter(store__in=stores).order_by()
        found.update(stand.values_list("store", "day").distinct())
    for store in stores:
        first = min(filter(None, _firsts(store)), default=None)
        if first is not None:
            today = day_of(datetime.now(first.tzinfo), store.time_zone)
            days = days_between(day_of(first, store.time_zone), today + timedelta(days=1))
            found.update((store.pk, day) for day in days)
    return found


def _firsts(store: Store) -> Iterator[datetime | None]:
    for rows, at in (
        (Trip.objects.all(), "received_at"),
        (Scan.objects.all(), "received_at"),
        (GateDecision.objects.all(), "decided_at"),
        (DashCartCharge.objects.filter(state=DashCartCharge.State.CAPTURED), "ended_at"),
    ):
        yield rows.filter(store=store).aggregate(first=Min(at))["first"]


def mark_what_is_under_way() -> None:
    """Days with a charge under way, whose end tells an event as a rule, but not always; and those with a card of which
    Amazon has not told yet, which no event tells."""
    under_way = Q(state__in=[TripState.PRICED, TripState.COLLECTING]) & ~Q(flow="")
    mark_dirty(TripDay.objects.filter(under_way | Q(brand=BRAND_AWAITED)).values_list("store", "day").distinct())
