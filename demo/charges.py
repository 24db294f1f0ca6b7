"""The money of a past trip, with the events that collecting it would have left (payments.services.collection)."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from core import money
from demo.visits import Fate, Visit
from orders.models import Trip
from payments.models import CardDetails, Charge, Debt, PaymentEvent
from payments.services.flows.checkout_service import NOTHING_TO_CHECK_OUT
from payments.states import ChargeState
from stores.models import PaymentFlow

Kind, Phase = PaymentEvent.Kind, PaymentEvent.Phase

SERVER_ERROR = "Amazon answered 500 Internal Server Error."
FORBIDDEN = "Amazon answered 403 Forbidden."
EXPIRED = "Amazon answered 400 ShoppingTripExpiredException."
NO_ANSWER = "No answer came in time."
DEBT = "What the shopper still owes."
BRANDS = ("VISA", "MASTERCARD", "AMEX", "DISCOVER")

STATES = {
    Fate.PRICED: ChargeState.PENDING,
    Fate.STUCK_ADJUSTING: ChargeState.ADJUSTING,
    Fate.STUCK_CAPTURING: ChargeState.UNKNOWN,
    Fate.PAID: ChargeState.CAPTURED,
    Fate.PARTLY_PAID: ChargeState.PARTLY_CAPTURED,
    Fate.UNPAID: ChargeState.DECLINED,
    Fate.NO_CHARGE: ChargeState.CANCELLED,
    Fate.EXPIRED: ChargeState.EXPIRED,
    Fate.FAILED: ChargeState.FAILED,
}


@dataclass(slots=True)
class PastCharge:
    """Unsaved rows that belong together."""

    charge: Charge
    at: datetime
    events: list[PaymentEvent] = field(default_factory=list)
    debt: Debt | None = None
    card: CardDetails | None = None

    def record(
        self,
        kind: str,
        phase: str,
        amount: Decimal | None = None,
        *,
        actor: str = "system",
        key: str = "1",
        detail: str = "",
        seconds: float = 0.4,
    ) -> None:
        self.at += timedelta(seconds=seconds)
        self.events.append(
            PaymentEvent(
                charge=self.charge,
                at=self.at,
                actor=actor,
                kind=kind,
                phase=phase,
                key=key,
                amount=amount,
                currency=self.charge.currency,
                detail=detail,
            )
        )


def past_charge(visit: Visit, trip: Trip, priced_at: datetime, now: datetime) -> PastCharge:
    amount = trip.total or money.ZERO
    charge = Charge(
        trip=trip, flow=trip.flow, state=STATES[visit.fate], currency=trip.currency, amount=amount, lease_count=1
    )
    past = PastCharge(charge, priced_at)
    if charge.flow == PaymentFlow.CHECKOUT_SERVICE:
        _check_out(past, visit, now)
        return past
    if charge.flow == PaymentFlow.OWN_PROCESSOR:
        _take_from_account(past)
        return past
    if visit.fate == Fate.NO_CHARGE:
        past.record(Kind.CANCEL, Phase.REQUESTED)
        past.record(Kind.CANCEL, Phase.SUCCEEDED, actor="Amazon")
        return past
    past.record(Kind.ADJUST, Phase.REQUESTED, amount)
    match visit.fate:
        case Fate.STUCK_ADJUSTING:
            _stay(past, SERVER_ERROR, now)
        case Fate.FAILED:
            past.record(Kind.ADJUST, Phase.FAILED, actor="Amazon", detail=FORBIDDEN)
            charge.last_error = FORBIDDEN
        case Fate.EXPIRED:
            past.record(Kind.ADJUST, Phase.EXPIRED, actor="Amazon", detail=EXPIRED)
            charge.last_error = EXPIRED
            _owe(past)
        case _:
            _authorize(past, visit, now)
    return past


def _check_out(past: PastCharge, visit: Visit, now: datetime) -> None:
    """As payments.services.flows.checkout_service leaves it."""
    charge = past.charge
    if visit.fate == Fate.NO_CHARGE:
        past.record(Kind.CANCEL, Phase.SUCCEEDED, detail=NOTHING_TO_CHECK_OUT)
        return
    if visit.fate == Fate.PRICED:
        charge.next_attempt_at = now
        return
    past.record(Kind.CAPTURE, Phase.REQUESTED, charge.amount)
    match visit.fate:
        case Fate.FAILED:
            past.record(Kind.CAPTURE, Phase.FAILED, actor="Amazon", detail=FORBIDDEN)
            charge.last_error = FORBIDDEN
        case Fate.EXPIRED:
            past.record(Kind.CAPTURE, Phase.EXPIRED, actor="Amazon", detail=EXPIRED)
            charge.last_error = EXPIRED
            _owe(past)
        case _:
            charge.remote_id = str(uuid.UUID(int=visit.random.getrandbits(128), version=4))
            detail = f"Order {charge.remote_id}"
            past.record(Kind.CAPTURE, Phase.SUCCEEDED, charge.amount, actor="Amazon", detail=detail)
            charge.authorized = charge.captured = charge.amount
            charge.captured_at = past.at


def _take_from_account(past: PastCharge) -> None:
    """As payments.services.flows.own_processor leaves it."""
    charge = past.charge
    charge.processor = charge.trip.store.processor
    if not charge.amount:
        return
    past.record(Kind.CAPTURE, Phase.REQUESTED, charge.amount)
    past.record(Kind.CAPTURE, Phase.SUCCEEDED, charge.amount, actor=charge.collector)
    charge.authorized = charge.captured = charge.amount
    charge.captured_at, charge.remote_id = past.at, f"{charge.trip.amazon_trip_id}/{charge.rounds}"


def _authorize(past: PastCharge, visit: Visit, now: datetime) -> None:
    charge = past.charge
    is_declined = visit.fate in {Fate.UNPAID, Fate.PARTLY_PAID}
    charge.authorized = {Fate.UNPAID: money.ZERO, Fate.PARTLY_PAID: _half(charge.amount)}.get(visit.fate, charge.amount)
    past.record(Kind.ADJUST, Phase.DECLINED if is_declined else Phase.SUCCEEDED, charge.authorized, actor="Amazon")
    if visit.fate == Fate.UNPAID:
        _owe(past)
        return
    past.record(Kind.CAPTURE, Phase.REQUESTED, charge.authorized)
    if visit.fate == Fate.STUCK_CAPTURING:
        past.record(Kind.CAPTURE, Phase.UNKNOWN, charge.authorized, detail=NO_ANSWER, seconds=15)
        _stay(past, NO_ANSWER, now)
        return
    past.record(Kind.CAPTURE, Phase.SUCCEEDED, charge.authorized, actor="Amazon")
    charge.captured, charge.captured_at = charge.authorized, past.at
    past.card = _card(visit, charge)
    if charge.captured < charge.amount:
        _owe(past)


def _stay(past: PastCharge, error: str, now: datetime) -> None:
    """Still open: the worker asks Amazon again as soon as it runs."""
    past.charge.last_error, past.charge.failed_attempts, past.charge.next_attempt_at = error, 4, now


def _owe(past: PastCharge) -> None:
    charge = past.charge
    owed = charge.amount - charge.captured
    past.record(Kind.DEBT, Phase.OPENED, owed, detail=DEBT, seconds=0)
    past.debt = Debt(
        charge=charge,
        amount=owed,
        owed=owed,
        currency=charge.currency,
        opened_at=past.at,
        shopper_id=charge.trip.shopper_id,
    )


def _half(amount: Decimal) -> Decimal:
    return (amount / 2).quantize(Decimal("0.01"), ROUND_DOWN)


def _card(visit: Visit, charge: Charge) -> CardDetails:
    """What Amazon: get_transactional_data tells of a captured trip."""
    random = visit.random
    brand, tail = random.choice(BRANDS), f"{random.randrange(10_000):04}"
    emv = {
        "brand": brand,
        "tail": tail,
        "posEntryMode": "EMV_9F39_07",
        "currency": charge.currency,
        "authorizationResponseCode": "00",
        "reconciliationId": f"REC{random.randrange(10**9):09}",
        "cardStatementTransactionId": f"TXN{random.randrange(10**9):09}",
    }
    return CardDetails(charge=charge, brand=brand, last_four=tail, emv=emv)
