"""What the books know: a trip with its pre-authorisation, its captures and refunds, its order and its reports."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class Trip:
    """`authorized` is None until an adjust was decided; `currency` is empty while an adopted trip told none."""

    trip_id: str
    store_id: str
    currency: str
    preauthorized: Decimal
    started_at: datetime
    brand: str
    tail: str
    authorized: Decimal | None = None
    is_cancelled: bool = False
    pending_answers_left: int = 0
    is_adopted: bool = False


@dataclass(frozen=True)
class Capture:
    """One capture that took money. Two rows for one trip are a shopper charged twice."""

    trip_id: str
    amount: Decimal
    captured_at: datetime


@dataclass(frozen=True)
class Refund:
    refund_request_id: str
    trip_id: str
    amount: Decimal
    reason: str
    reconciliation_id: str
    refunded_at: datetime
    body_digest: str


@dataclass(frozen=True)
class Order:
    """A cart that was checked out. What it charged is a capture; an order of nothing has none."""

    order_id: str
    trip_id: str
    total: Decimal
    ordered_at: datetime
    body_digest: str


@dataclass(frozen=True)
class Feedback:
    """One report of a trip's payment status. `status_at` is the retailer's time, `received_at` the sandbox's."""

    trip_id: str
    total: Decimal
    settled: Decimal
    currency: str
    status_at: datetime
    received_at: datetime
    status: str


@dataclass(frozen=True)
class Account:
    """One trip with all its money."""

    trip: Trip
    captures: tuple[Capture, ...] = ()
    refunds: tuple[Refund, ...] = ()
    order: Order | None = None
    feedback: tuple[Feedback, ...] = ()

    @property
    def captured(self) -> Decimal:
        return sum((capture.amount for capture in self.captures), Decimal())

    @property
    def refunded(self) -> Decimal:
        return sum((refund.amount for refund in self.refunds), Decimal())
