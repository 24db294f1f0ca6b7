"""The rows of a file: trips, or refunds, of some days at some stores. Read batch by batch, each from where the one
before it ended."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet, Sum, TextChoices

from core.languages import in_english
from core.money import ZERO, rounded
from orders.models import Trip
from orders.states import Entry, TripState
from payments.models import PaymentEvent, Refund
from reports.cells import Column, Kind, Value
from reports.days import day_of, midnight, span_of
from reports.models.exports import ReportFile
from reports.pages.page import Row
from reports.pages.payments import way_in_words
from reports.periods import Period
from reports.query import Query, in_days_of
from reports.services.money_rows import refund_id
from stores.models import Store

BATCH = 2_000

_MONEY = Kind.MONEY
_AT = (
    Column("store", "Store"),
    Column("store_id", "Store id"),
    Column("day", "Day", Kind.DAY),
    Column("time", "Time"),
)
_CURRENCY = Column("currency", "Currency")


@dataclass(frozen=True, slots=True)
class Source:
    """`right` is asked for besides that of the reports. `store` and `at` name the store and time of what is `found`.
    A row's `currency` is that of its amounts."""

    right: str
    columns: Sequence[Column]
    found: Callable[[], QuerySet[Any]]
    store: str
    at: str
    rows: Callable[[Store, list[Any]], list[Row]]


def batches(what: str, stores: Sequence[Store], period: Period) -> Iterator[list[Row]]:
    source = SOURCES[what]
    for store in stores:
        start, end = midnight(period.first, store.time_zone), span_of(period.last, store.time_zone).end
        its_own = {source.store: store, f"{source.at}__gte": start, f"{source.at}__lt": end}
        for found in _batches(source.found().filter(**its_own), source.at):
            yield source.rows(store, found)


def count(what: str, query: Query) -> int:
    """In one statement, however many stores there are."""
    source = SOURCES[what]
    return source.found().filter(in_days_of(query, source.at, source.store)).count()


def _batches(rows: QuerySet[Any], at: str) -> Iterator[list[Any]]:
    in_order = rows.order_by(at, "pk")
    part = in_order
    while found := list(part[:BATCH]):
        yield found
        moment, pk = getattr(found[-1], at), found[-1].pk
        # The first condition says nothing new, but an index is walked from here and not from its beginning.
        part = in_order.filter(Q(**{f"{at}__gte": moment}) & (Q(**{f"{at}__gt": moment}) | Q(pk__gt=pk)))


def _place(store: Store, moment: datetime) -> dict[str, Value]:
    local = moment.astimezone(ZoneInfo(store.time_zone))
    return {"store": store.name, "store_id": store.external_id, "day": local.date(), "time": f"{local:%H:%M:%S}"}


@cache
def _said(choices: type[TextChoices], value: str) -> str:
    """Looking a label up costs more than all the rest of a row."""
    return in_english(choices(value).label)


_way = cache(way_in_words)


def _trips() -> QuerySet[Trip]:
    return Trip.objects.select_related("charge__card")


def _trip_rows(store: Store, trips: list[Trip]) -> list[Row]:
    done = PaymentEvent.objects.filter(
        charge__trip__in=trips, kind=PaymentEvent.Kind.REFUND, phase=PaymentEvent.Phase.SUCCEEDED
    )
    refunded = dict(done.order_by().values_list("charge__trip").annotate(sum=Sum("amount")))
    return [_trip_row(store, trip, refunded.get(trip.pk)) for trip in trips]


def _trip_row(store: Store, trip: Trip, refunded: Any) -> Row:
    charge = getattr(trip, "charge", None)
    card = getattr(charge, "card", None)
    currency = trip.currency or store.currency
    return {
        **_place(store, trip.received_at),
        "trip": trip.amazon_trip_id,
        "state": _said(TripState, trip.state),
        "entry": _said(Entry, trip.entry),
        "way": _way(charge.flow, charge.processor) if charge else _way("", ""),
        "currency": currency,
        "subtotal": trip.subtotal,
        "tax": trip.tax,
        "total": trip.total,
        "captured": charge.captured if charge else None,
        "refunded": rounded(refunded or ZERO, currency) if charge else None,
        "outstanding": charge.outstanding if charge else None,
        "card": card.brand if card else None,
        "last_four": card.last_four if card else None,
    }


def _refunds() -> QuerySet[PaymentEvent]:
    """Those that were done."""
    done = PaymentEvent.objects.filter(kind=PaymentEvent.Kind.REFUND, phase=PaymentEvent.Phase.SUCCEEDED)
    return done.select_related("charge__trip")


def _refund_rows(store: Store, events: list[PaymentEvent]) -> list[Row]:
    refunds = Refund.objects.in_bulk([refund_id(event) for event in events], field_name="refund_request_id")
    return [_refund_row(store, event, refunds[refund_id(event)]) for event in events]


def _refund_row(store: Store, event: PaymentEvent, refund: Refund) -> Row:
    trip = event.charge.trip
    return {
        **_place(store, event.at),
        "refund": str(refund.refund_request_id),
        "trip": trip.amazon_trip_id,
        "trip_day": day_of(trip.received_at, store.time_zone),
        "way": _way(event.charge.flow, event.charge.processor),
        "reason": refund.why,
        "person": refund.requested_by,
        "currency": event.currency,
        "refunded": event.amount,
    }


SOURCES: dict[str, Source] = {
    ReportFile.What.TRIPS: Source(
        right="orders.view_trip",
        columns=[
            *_AT,
            Column("trip", "Trip"),
            Column("state", "State"),
            Column("entry", "Entry"),
            Column("way", "Collected by"),
            _CURRENCY,
            Column("subtotal", "Without tax", _MONEY),
            Column("tax", "Tax", _MONEY),
            Column("total", "Total", _MONEY),
            Column("captured", "Taken", _MONEY),
            Column("refunded", "Refunded", _MONEY),
            Column("outstanding", "Outstanding", _MONEY),
            Column("card", "Card"),
            Column("last_four", "Last four"),
        ],
        found=_trips,
        store="store",
        at="received_at",
        rows=_trip_rows,
    ),
    ReportFile.What.REFUNDS: Source(
        right="payments.view_refund",
        columns=[
            *_AT,
            Column("refund", "Refund"),
            Column("trip", "Trip"),
            Column("trip_day", "Day of the trip", Kind.DAY),
            Column("way", "Given back by"),
            Column("reason", "Reason"),
            Column("person", "Asked for by"),
            _CURRENCY,
            Column("refunded", "Refunded", _MONEY),
        ],
        found=_refunds,
        store="charge__trip__store",
        at="at",
        rows=_refund_rows,
    ),
}
