"""Finding trips by what staff have at hand: each way uses an index."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.errors import Invalid
from orders.models import PURCHASE_PREFIX, Trip
from payments.models import CardDetails, Refund
from payments.services.search_terms import Days, Terms, amount_in, parse
from staff.models import User
from stores.day_filters import between
from stores.models import Store

_PURCHASE_ID = re.compile(rf"{PURCHASE_PREFIX}(\d{{9,18}})", re.IGNORECASE)
_LAST_FOUR = re.compile(r"\d{4}")
_BEYOND_ALL_TEXT = "\U0010ffff"


def find_one_trip(trips: QuerySet[Trip], term: str) -> Trip | None:
    """Of these trips the one with exactly this trip id, purchase id or refund request id. One statement."""
    term = term.strip()
    pks = Trip.objects.filter(amazon_trip_id=term).order_by().values("pk")
    if purchase := _PURCHASE_ID.fullmatch(term):
        pks = pks.union(Trip.objects.filter(pk=int(purchase[1])).order_by().values("pk"), all=True)
    elif refund_request_id := _uuid_in(term):
        refunds = Refund.objects.filter(refund_request_id=refund_request_id).order_by()
        pks = pks.union(refunds.values("charge__trip_id"), all=True)
    return trips.filter(pk__in=pks).first()


def find_trips(person: User, trips: QuerySet[Trip], text: str, *, may_be_id: bool = True) -> QuerySet[Trip]:
    """Of these trips those that the words and operators mean. Raises Invalid for an operator that means nothing."""
    if may_be_id and (one := find_one_trip(trips, text)):
        return trips.filter(pk=one.pk)
    terms = parse(text)
    if terms.has_operator:
        trips = _filtered(person, trips, terms)
    return search_trips(trips, terms.words) if terms.words else trips


def search_trips(trips: QuerySet[Trip], term: str) -> QuerySet[Trip]:
    """Four digits are the last of a card, `12.40` is an amount; anything else is how the trip id begins."""
    term = term.strip()
    if _LAST_FOUR.fullmatch(term):
        return trips.filter(pk__in=CardDetails.objects.filter(last_four=term).values("charge__trip_id"))
    if (amount := amount_in(term)) is not None:
        return trips.filter(total=amount)
    if connection.vendor == "sqlite":
        # Its LIKE does not use the index.
        return trips.filter(amazon_trip_id__gte=term, amazon_trip_id__lt=term + _BEYOND_ALL_TEXT)
    return trips.filter(amazon_trip_id__startswith=term)


def refund_with_id(refunds: QuerySet[Refund], term: str) -> Refund | None:
    refund_request_id = _uuid_in(term)
    return refunds.filter(refund_request_id=refund_request_id).first() if refund_request_id else None


def stores_called(person: User, name: str) -> list[Store]:
    """Those that this person sees with this external id, or whose name begins so."""
    is_called = Q(external_id__iexact=name) | Q(name__istartswith=name)
    return list(person.visible(Store.objects.filter(is_called), "pk"))


def _uuid_in(term: str) -> UUID | None:
    try:
        return UUID(term.strip())
    except ValueError:
        return None


def _filtered(person: User, trips: QuerySet[Trip], terms: Terms) -> QuerySet[Trip]:
    stores = stores_called(person, terms.store) if terms.store else None
    if stores is not None:
        if not stores:
            raise Invalid(_("You see no store that is called “%(store)s”.") % {"store": terms.store})
        trips = trips.filter(store__in=stores)
    if terms.states:
        trips = trips.filter(state__in=terms.states)
    for lookup, amount in terms.amounts:
        trips = trips.filter(**{f"total__{lookup}": amount})
    return _in_days(trips, terms.days, _zone(person, stores)) if terms.days else trips


def _in_days(trips: QuerySet[Trip], days: Days, zone: str) -> QuerySet[Trip]:
    today = datetime.now(UTC).astimezone(ZoneInfo(zone)).date()
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    first, last = (named[day] if isinstance(day, str) else day for day in (days.first, days.last))
    return between(trips, "received_at", first, last, zone)


def _zone(person: User, stores: list[Store] | None) -> str:
    """Whose midnight ends a day: that of the stores if they share one, else UTC."""
    of_all = person.visible(Store.objects.all(), "pk").order_by().values_list("time_zone", flat=True).distinct()[:2]
    zones = {store.time_zone for store in stores} if stores is not None else set(of_all)
    return zones.pop() if len(zones) == 1 else "UTC"
