"""Which trips a host knows, and which of them may still be charged.

A trip's token lives 46 hours from the pre-authorisation (Amazon: payment_processing), by the sandbox's clock. Amazon's
test hosts only know the trips that were staged in the last two minutes (Amazon: connectivity_testing).
"""

from dataclasses import dataclass
from datetime import timedelta

from sandbox.answers import EXPIRED_TRIP, UNKNOWN_TRIP, RejectedError
from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.magic_trips import Magic, magic_of
from sandbox.records import Account, Trip
from sandbox.staging import new_trip
from sandbox.validation import TripRequest, require

TOKEN_LIFE = timedelta(hours=46)
TEST_HOST_MEMORY = timedelta(minutes=2)


@dataclass(frozen=True)
class KnownTrips:
    """All methods are called inside a transaction of the books. `unknown` is the host's own name for the error."""

    books: Books
    clock: Clock
    adopts: bool = False
    is_test_host: bool = False
    unknown: str = UNKNOWN_TRIP

    def find(self, request: TripRequest) -> Account:
        """Adopts a trip nobody staged, when that is allowed or its id is magic. Raises RejectedError."""
        account = self.books.find_account(request.trip_id) or self._adopted(request)
        is_known = (
            account is not None
            and magic_of(request.trip_id) is not Magic.INVALID
            and account.trip.store_id == request.store_id
            and not (self.is_test_host and self.clock.now() > account.trip.started_at + TEST_HOST_MEMORY)
        )
        if account is None or not is_known:
            raise RejectedError(self.unknown)
        return account

    def find_living(self, request: TripRequest) -> Account:
        """Raises RejectedError."""
        account = self.find(request)
        is_over = self.clock.now() >= account.trip.started_at + TOKEN_LIFE
        if is_over or magic_of(request.trip_id) is Magic.EXPIRED:
            raise RejectedError(EXPIRED_TRIP)
        return account

    def in_currency(self, trip: Trip, currency: str) -> Trip:
        """An adopted trip takes the currency of the first amount it hears. Raises RejectedError for another one."""
        if not trip.currency:
            self.books.set_currency(trip.trip_id, currency)
        else:
            require(trip.currency == currency)
        return trip

    def _adopted(self, request: TripRequest) -> Account | None:
        magic = magic_of(request.trip_id)
        if magic is Magic.INVALID or (magic is None and not self.adopts):
            return None
        trip = new_trip(request.trip_id, request.store_id, self.clock.now(), is_adopted=True)
        self.books.add_trip(trip)
        return Account(trip)
