"""What Amazon does with a priced cart: one call charges the card (Amazon: checkout_service).

A repeated idempotentShoppingTripId with the same cart is answered with the same order and charges nothing; with
another cart it is BadRequestException (our reading: Amazon names the field for it and says no more). A trip is paid
through one service only: what was adjusted, captured or cancelled cannot be checked out, and what was checked out can
be neither adjusted, captured, cancelled nor refunded by the retailer (our reading). Bad debts are Amazon's own: a
magic trip whose card declines an adjust is checked out like any other.
"""

from uuid import uuid4

from sandbox.books import Books
from sandbox.checkout_requests import CartRequest
from sandbox.checkout_sums import require_sums
from sandbox.clock import Clock
from sandbox.known_trips import KnownTrips
from sandbox.records import Capture, Order
from sandbox.validation import require


class CheckoutEngine:
    def __init__(self, books: Books, clock: Clock, trips: KnownTrips) -> None:
        self._books = books
        self._clock = clock
        self._trips = trips

    def check_out(self, cart: CartRequest) -> dict[str, object]:
        require_sums(cart)
        with self._books.transaction():
            order = self._trips.find(cart).order
            if order is None:
                order = self._order(cart)
            else:
                require(order.body_digest == cart.digest)
        return {"orderId": order.order_id}

    def _order(self, cart: CartRequest) -> Order:
        account = self._trips.find_living(cart)
        trip = self._trips.in_currency(account.trip, cart.currency)
        require(not trip.is_cancelled and trip.authorized is None and not account.captures)
        now = self._clock.now()
        order = Order(
            order_id=str(uuid4()),
            trip_id=cart.trip_id,
            total=cart.totals.price,
            ordered_at=now,
            body_digest=cart.digest,
        )
        self._books.add_order(order)
        if order.total:
            self._books.set_authorization(cart.trip_id, order.total)
            self._books.add_capture(Capture(cart.trip_id, order.total, now))
        return order
