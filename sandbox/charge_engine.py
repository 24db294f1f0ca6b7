"""What Amazon does with a charge: the rules, on the books and a clock, without HTTP.

Amazon documents no answer to calls out of order (capture before adjust, cancel after capture, refund before capture
...). Here each is BadRequestException and changes nothing. Amazon documents no idempotency of capture either, so a
second capture charges the shopper a second time: a caller who repeats one blindly must see it in the books. Only
`repeated_capture="refuse"` is kinder.

After the end of the trip's token: no adjust, capture or cancel. A captured trip keeps its refunds and its data. A trip
that was checked out is Amazon's to refund: here it only has its data.
"""

from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Literal

from sandbox.books import Books
from sandbox.cards import transactional_data
from sandbox.charge_requests import ChargeRequest, RefundRequest
from sandbox.clock import Clock
from sandbox.known_trips import KnownTrips
from sandbox.magic_trips import Magic, magic_of
from sandbox.money import CENT, Money
from sandbox.records import Account, Capture, Trip
from sandbox.staging import new_refund
from sandbox.validation import TripRequest, require

REFUND_WINDOW = timedelta(days=7)
DECLINED_FROM = Decimal("999999.99")

RepeatedCapture = Literal["charge", "refuse"]


class ChargeEngine:
    def __init__(
        self,
        books: Books,
        clock: Clock,
        trips: KnownTrips,
        *,
        repeated_capture: RepeatedCapture = "charge",
    ) -> None:
        self._books = books
        self._clock = clock
        self._trips = trips
        self._repeated_capture = repeated_capture

    def adjust(self, request: ChargeRequest) -> dict[str, object]:
        """Absolute: the new total replaces the old one (Amazon: adjust_charge)."""
        with self._books.transaction():
            account = self._payable(request)
            trip = self._trips.in_currency(account.trip, request.money.currency)
            require(not trip.is_cancelled and not account.captures)
            if trip.pending_answers_left:
                self._books.use_pending_answer(trip.trip_id)
                return _adjustment("PENDING", request.money)
            status, authorized = _decision(trip, request.money.amount)
            self._books.set_authorization(trip.trip_id, authorized)
        return _adjustment(status, Money(authorized, request.money.currency))

    def cancel(self, request: TripRequest) -> None:
        with self._books.transaction():
            account = self._payable(request)
            require(not account.captures)
            self._books.mark_cancelled(account.trip.trip_id)

    def capture(self, request: ChargeRequest) -> None:
        with self._books.transaction():
            account = self._payable(request)
            trip = self._trips.in_currency(account.trip, request.money.currency)
            require(not trip.is_cancelled and trip.authorized is not None)
            require(request.money.amount <= (trip.authorized or Decimal()))
            require(not account.captures or self._repeated_capture == "charge")
            self._books.add_capture(Capture(trip.trip_id, request.money.amount, self._clock.now()))

    def refund(self, request: RefundRequest) -> dict[str, object]:
        """The same refundRequestId never refunds twice (Amazon: refund_charge)."""
        with self._books.transaction():
            account = self._paid_or_living(request)
            require(account.order is None)
            earlier = self._books.find_refund(request.refund_request_id)
            if earlier is not None:
                require(earlier.body_digest == request.digest)
                return {"reconciliationId": earlier.reconciliation_id}
            self._trips.in_currency(account.trip, request.money.currency)
            require(request.money.amount <= account.captured - account.refunded)
            require(self._clock.now() <= account.captures[0].captured_at + REFUND_WINDOW)
            refund = new_refund(request, self._clock.now())
            self._books.add_refund(refund)
        return {"reconciliationId": refund.reconciliation_id}

    def transactional_data(self, request: TripRequest) -> dict[str, object]:
        with self._books.transaction():
            account = self._paid_or_living(request)
        return transactional_data(account.trip, is_captured=bool(account.captures))

    def _payable(self, request: TripRequest) -> Account:
        account = self._trips.find_living(request)
        require(account.order is None)
        return account

    def _paid_or_living(self, request: TripRequest) -> Account:
        account = self._trips.find(request)
        return account if account.captures else self._trips.find_living(request)


def _decision(trip: Trip, requested: Decimal) -> tuple[str, Decimal]:
    magic = magic_of(trip.trip_id)
    if magic is Magic.PARTLY_AUTHORIZED:
        return "DECLINED", (requested / 2).quantize(CENT, ROUND_DOWN)
    is_declined = magic is Magic.DECLINED or (magic is Magic.DECLINED_ONCE and trip.authorized is None)
    if is_declined or requested >= DECLINED_FROM:
        return "DECLINED", Decimal(0)
    return "APPROVED", requested


def _adjustment(status: str, authorized: Money) -> dict[str, object]:
    """Amazon: payment_service_adjust_charge; HTTP 200 whatever the status."""
    return {"status": status, "authorizedAmount": {"amount": authorized.amount, "code": authorized.currency}}
