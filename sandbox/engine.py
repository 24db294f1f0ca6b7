"""What Amazon does with a charge: the rules, on the books and a clock, without HTTP.

Amazon documents no answer to calls out of order (capture before adjust, cancel after capture, refund before capture
...). Here each is BadRequestException and changes nothing. Amazon documents no idempotency of capture either, so a
second capture charges the shopper a second time: a caller who repeats one blindly must see it in the books. Only
`repeated_capture="refuse"` is kinder.

The trip's token lives 46 hours from the pre-authorisation (Amazon: payment_processing), by the sandbox's clock:
after that no adjust, capture or cancel. A captured trip keeps its refunds and its data.
"""

from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Literal

from sandbox.answers import BAD_REQUEST, EXPIRED_TRIP, UNKNOWN_TRIP, RejectedError
from sandbox.books import Books
from sandbox.cards import transactional_data
from sandbox.clock import Clock
from sandbox.magic_trips import Magic, magic_of
from sandbox.money import CENT, Money
from sandbox.records import Account, Capture, Trip
from sandbox.staging import new_refund, new_trip
from sandbox.validation import ChargeRequest, RefundRequest, TripRequest

TOKEN_LIFE = timedelta(hours=46)
REFUND_WINDOW = timedelta(days=7)
DECLINED_FROM = Decimal("999999.99")

RepeatedCapture = Literal["charge", "refuse"]


class Engine:
    def __init__(
        self,
        books: Books,
        clock: Clock,
        *,
        adopts: bool = False,
        repeated_capture: RepeatedCapture = "charge",
    ) -> None:
        self._books = books
        self._clock = clock
        self._adopts = adopts
        self._repeated_capture = repeated_capture

    def adjust(self, request: ChargeRequest) -> dict[str, object]:
        """Absolute: the new total replaces the old one (Amazon: adjust_charge)."""
        with self._books.transaction():
            account = self._living(request)
            trip = self._in_currency(account.trip, request.money.currency)
            _require(not trip.is_cancelled and not account.captures)
            if trip.pending_answers_left:
                self._books.use_pending_answer(trip.trip_id)
                return _adjustment("PENDING", request.money)
            status, authorized = _decision(trip, request.money.amount)
            self._books.set_authorization(trip.trip_id, authorized)
        return _adjustment(status, Money(authorized, request.money.currency))

    def cancel(self, request: TripRequest) -> None:
        with self._books.transaction():
            account = self._living(request)
            _require(not account.captures)
            self._books.mark_cancelled(account.trip.trip_id)

    def capture(self, request: ChargeRequest) -> None:
        with self._books.transaction():
            account = self._living(request)
            trip = self._in_currency(account.trip, request.money.currency)
            _require(not trip.is_cancelled and trip.authorized is not None)
            _require(request.money.amount <= (trip.authorized or Decimal()))
            _require(not account.captures or self._repeated_capture == "charge")
            self._books.add_capture(Capture(trip.trip_id, request.money.amount, self._clock.now()))

    def refund(self, request: RefundRequest) -> dict[str, object]:
        """The same refundRequestId never refunds twice (Amazon: refund_charge)."""
        with self._books.transaction():
            account = self._paid_or_living(request)
            earlier = self._books.find_refund(request.refund_request_id)
            if earlier is not None:
                _require(earlier.body_digest == request.digest)
                return {"reconciliationId": earlier.reconciliation_id}
            self._in_currency(account.trip, request.money.currency)
            _require(request.money.amount <= account.captured - account.refunded)
            _require(self._clock.now() <= account.captures[0].captured_at + REFUND_WINDOW)
            refund = new_refund(request, self._clock.now())
            self._books.add_refund(refund)
        return {"reconciliationId": refund.reconciliation_id}

    def transactional_data(self, request: TripRequest) -> dict[str, object]:
        with self._books.transaction():
            account = self._paid_or_living(request)
        return transactional_data(account.trip, is_captured=bool(account.captures))

    def _living(self, request: TripRequest) -> Account:
        account = self._known(request)
        is_over = self._clock.now() >= account.trip.started_at + TOKEN_LIFE
        if is_over or magic_of(request.trip_id) is Magic.EXPIRED:
            raise RejectedError(EXPIRED_TRIP)
        return account

    def _paid_or_living(self, request: TripRequest) -> Account:
        account = self._known(request)
        return account if account.captures else self._living(request)

    def _known(self, request: TripRequest) -> Account:
        """Adopts a trip nobody staged, when that is allowed or its id is magic."""
        magic = magic_of(request.trip_id)
        if magic is Magic.INVALID:
            raise RejectedError(UNKNOWN_TRIP)
        account = self._books.find_account(request.trip_id)
        if account is None and (self._adopts or magic is not None):
            trip = new_trip(request.trip_id, request.store_id, self._clock.now(), is_adopted=True)
            self._books.add_trip(trip)
            account = Account(trip)
        if account is None or account.trip.store_id != request.store_id:
            raise RejectedError(UNKNOWN_TRIP)
        return account

    def _in_currency(self, trip: Trip, currency: str) -> Trip:
        """An adopted trip takes the currency of the first amount it hears."""
        if not trip.currency:
            self._books.set_currency(trip.trip_id, currency)
        else:
            _require(trip.currency == currency)
        return trip


def _decision(trip: Trip, requested: Decimal) -> tuple[str, Decimal]:
    magic = magic_of(trip.trip_id)
    if magic is Magic.PARTLY_AUTHORIZED:
        return "DECLINED", (requested / 2).quantize(CENT, ROUND_DOWN)
    if magic is Magic.DECLINED or requested >= DECLINED_FROM:
        return "DECLINED", Decimal(0)
    return "APPROVED", requested


def _adjustment(status: str, authorized: Money) -> dict[str, object]:
    """Amazon: payment_service_adjust_charge; HTTP 200 whatever the status."""
    return {"status": status, "authorizedAmount": {"amount": authorized.amount, "code": authorized.currency}}


def _require(is_in_order: bool) -> None:
    if not is_in_order:
        raise RejectedError(BAD_REQUEST)
