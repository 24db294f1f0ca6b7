"""Trips the gate announces: what a card tap leaves at Amazon's side, and optionally what already happened since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from uuid import uuid4

from sandbox.books import Books
from sandbox.cards import card_of
from sandbox.charge_requests import RefundRequest
from sandbox.magic_trips import Magic, magic_of
from sandbox.money import Money
from sandbox.records import Account, Capture, Order, Refund, Trip

PREAUTHORIZED = Decimal("50.00")
PENDING_ANSWERS = 2


class StagingError(Exception):
    """A staged trip that cannot be read; the text says why. This is our own call, so it may."""


@dataclass(frozen=True)
class Staged:
    new: int
    known: int


def new_trip(trip_id: str, store_id: str, now: datetime, *, is_adopted: bool = False) -> Trip:
    brand, tail = card_of(trip_id)
    return Trip(
        trip_id=trip_id,
        store_id=store_id,
        currency="",
        preauthorized=PREAUTHORIZED,
        started_at=now,
        brand=brand,
        tail=tail,
        pending_answers_left=PENDING_ANSWERS if magic_of(trip_id) is Magic.PENDING else 0,
        is_adopted=is_adopted,
    )


def new_refund(request: RefundRequest, now: datetime) -> Refund:
    return Refund(
        refund_request_id=request.refund_request_id,
        trip_id=request.trip_id,
        amount=request.money.amount,
        reason=request.reason,
        reconciliation_id=uuid4().hex[:12].upper(),
        refunded_at=now,
        body_digest=request.digest,
    )


def stage(books: Books, content: object, now: datetime) -> Staged:
    """All of them or, when one cannot be read, none. A trip that is known stays as it is."""
    accounts = list(_read_accounts(content, now))
    new = 0
    with books.transaction():
        for account in accounts:
            if books.has_trip(account.trip.trip_id):
                continue
            _write(books, account)
            new += 1
    return Staged(new=new, known=len(accounts) - new)


def _write(books: Books, account: Account) -> None:
    books.add_trip(account.trip)
    for capture in account.captures:
        books.add_capture(capture)
    if account.order:
        books.add_order(account.order)
    for refund in account.refunds:
        if books.find_refund(refund.refund_request_id) is not None:
            raise StagingError(f"refundRequestId {refund.refund_request_id} is taken")
        books.add_refund(refund)


def _read_accounts(content: object, now: datetime) -> Iterable[Account]:
    trips = content.get("trips") if isinstance(content, dict) else None
    if not isinstance(trips, list):
        raise StagingError('expected {"trips": [...]}')
    for entry in trips:
        try:
            yield _account(entry, now)
        except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation) as error:
            raise StagingError(f"cannot read a trip: {error!r}") from error


def _account(entry: dict[str, object], now: datetime) -> Account:
    trip = _trip(entry, now)
    captured = entry.get("captured")
    captured_at = _moment(entry.get("capturedAt"), now)
    captures = () if captured is None else (Capture(trip.trip_id, _amount(captured), captured_at),)
    refunds = entry.get("refunds") or []
    if not isinstance(refunds, list):
        raise TypeError("refunds is not a list")
    order_id = entry.get("orderId")
    order = None if order_id is None else _order(trip, _text(order_id), captures)
    return Account(trip, captures, tuple(_refund(trip, refund, captured_at) for refund in refunds), order)


def _trip(entry: dict[str, object], now: datetime) -> Trip:
    plain = new_trip(_text(entry["shoppingTripId"]), _text(entry["storeId"]), now)
    preauthorized = _object(entry["preauthorized"])
    card = _object(entry.get("card") or {})
    authorized = entry.get("authorized", entry.get("captured"))
    return Trip(
        trip_id=plain.trip_id,
        store_id=plain.store_id,
        currency=_text(preauthorized["code"]),
        preauthorized=_amount(preauthorized["amount"]),
        started_at=now,
        brand=_text(card.get("brand", plain.brand)),
        tail=_text(card.get("tail", plain.tail)),
        authorized=None if authorized is None else _amount(authorized),
        pending_answers_left=plain.pending_answers_left,
    )


def _order(trip: Trip, order_id: str, captures: tuple[Capture, ...]) -> Order:
    """Of a cart that nobody has told us, so that none equals it."""
    if not captures:
        raise ValueError("orderId needs captured")
    return Order(order_id, trip.trip_id, captures[0].amount, captures[0].captured_at, body_digest="")


def _refund(trip: Trip, entry: dict[str, object], refunded_at: datetime) -> Refund:
    request = RefundRequest(
        store_id=trip.store_id,
        trip_id=trip.trip_id,
        money=Money(_amount(entry["amount"]), trip.currency),
        refund_request_id=_text(entry["refundRequestId"]),
        reason=_text(entry.get("reason", "OTHER")),
    )
    return new_refund(request, refunded_at)


def _amount(value: object) -> Decimal:
    amount = value if isinstance(value, Decimal) else Decimal(_text(value))
    if not amount.is_finite() or amount < 0 or amount.adjusted() > 15:
        raise ValueError(f"{value} is no amount")
    return amount


def _moment(value: object, default: datetime) -> datetime:
    if value is None:
        return default
    moment = datetime.fromisoformat(_text(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is not text")
    return value


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is not an object")
    return value
