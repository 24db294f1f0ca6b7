"""Books that answer over HTTP as the sandbox's do: GET gives every trip with its money, amounts as text."""

from decimal import Decimal

import msgspec
import requests
from django.conf import settings
from django.utils.translation import gettext as _

from payments.reconciliation.compare import Account
from payments.reconciliation.theirs import CannotRead, Theirs

READ_TIMEOUT = 60.0


class BookedTrip(msgspec.Struct, frozen=True):
    trip_id: str
    store_id: str
    currency: str
    captured: Decimal
    captures: int
    refunded: Decimal


class Books(msgspec.Struct, frozen=True):
    trips: list[BookedTrip]


_books = msgspec.json.Decoder(Books)


def read_books(url: str) -> Theirs:
    """Every trip, its amounts of all time. Raises CannotRead."""
    if not url:
        raise CannotRead(_("No books are set: RECONCILE_BOOKS_URL is empty."))
    books = _decode(url, _fetch(url))
    return Theirs(
        name=url,
        accounts={trip.trip_id: _account(trip) for trip in books.trips},
        stores={trip.trip_id: trip.store_id for trip in books.trips},
    )


def _fetch(url: str) -> bytes:
    timeout = (settings.AMAZON_CONNECT_TIMEOUT, READ_TIMEOUT)
    try:
        answer = requests.get(url, headers={"Accept": "application/json"}, timeout=timeout, allow_redirects=False)
    except requests.RequestException as error:
        raise CannotRead(
            _("The books at %(url)s do not answer (%(name__)s).") % {"url": url, "name__": type(error).__name__}
        ) from error
    if answer.status_code != 200:
        raise CannotRead(
            _("The books at %(url)s answered %(status_code)s.") % {"url": url, "status_code": answer.status_code}
        )
    return answer.content


def _decode(url: str, content: bytes) -> Books:
    try:
        books = _books.decode(content)
    except msgspec.DecodeError as error:
        raise CannotRead(
            _("The books at %(url)s are not understood: %(error)s.") % {"url": url, "error": error}
        ) from error
    for trip in books.trips:
        if not all(amount.is_finite() and amount >= 0 for amount in (trip.captured, trip.refunded)):
            raise CannotRead(
                _("The books at %(url)s hold no amount that makes sense for trip %(trip_id)s.")
                % {"url": url, "trip_id": trip.trip_id}
            )
        if not trip.trip_id.isprintable():
            raise CannotRead(
                _("The books at %(url)s hold a trip id that cannot be printed: %(trip_id)s.")
                % {"url": url, "trip_id": f"{trip.trip_id!r}"}
            )
    return books


def _account(trip: BookedTrip) -> Account:
    return Account(trip.trip_id, trip.currency, trip.captured, trip.refunded, captures=trip.captures)
