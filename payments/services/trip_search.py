"""Finding trips by what staff have at hand: each way uses an index."""

import re
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from orders.models import PURCHASE_PREFIX, Trip
from payments.models import CardDetails, Refund

_PURCHASE_ID = re.compile(rf"{PURCHASE_PREFIX}(\d{{9,18}})", re.IGNORECASE)
_LAST_FOUR = re.compile(r"\d{4}")
_BEYOND_ALL_TEXT = "\U0010ffff"


def find_one_trip(term: str) -> Trip | None:
    """The trip with exactly this trip id, purchase id or refund request id."""
    term = term.strip()
    if trip := Trip.objects.filter(amazon_trip_id=term).first():
        return trip
    if purchase := _PURCHASE_ID.fullmatch(term):
        return Trip.objects.filter(pk=int(purchase[1])).first()
    return _trip_of_refund(term)


def search_trips(trips: QuerySet[Trip], term: str) -> QuerySet[Trip]:
    """Four digits are the last of a card; anything else is how the trip id begins."""
    term = term.strip()
    if one := find_one_trip(term):
        return trips.filter(pk=one.pk)
    if _LAST_FOUR.fullmatch(term):
        return trips.filter(pk__in=CardDetails.objects.filter(last_four=term).values("charge__trip_id"))
    if connection.vendor == "sqlite":
        # Its LIKE does not use the index.
        return trips.filter(amazon_trip_id__gte=term, amazon_trip_id__lt=term + _BEYOND_ALL_TEXT)
    return trips.filter(amazon_trip_id__startswith=term)


def _trip_of_refund(term: str) -> Trip | None:
    try:
        refund_request_id = UUID(term)
    except ValueError:
        return None
    refund = Refund.objects.select_related("charge__trip").filter(refund_request_id=refund_request_id).first()
    return refund.charge.trip if refund else None
