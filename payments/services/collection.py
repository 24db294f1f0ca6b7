"""Collecting a trip's money through Amazon's payment service: adjust, then capture; or cancel what costs nothing.

Each step is: intent (commit) → call → outcome (commit). No transaction is open during a call. What a call without a
usable answer means is decided per step: adjust and cancel are safe to send again, a capture never is, so after one
Amazon is asked (transactional data) before anything else.
"""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any, assert_never

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from amazon.models import OutboundCall
from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown, TripExpired
from amazon.outbound.transport import Failure
from core import money
from core.errors import Conflict
from core.money import Money
from orders.models import Trip
from orders.states import TripState
from payments.clients import payment_service
from payments.clients.payment_service import Adjusted, AdjustStatus, CardData
from payments.models import CardDetails, Charge, Debt
from payments.services import dash_cart
from payments.services.addresses import address_of
from payments.services.ledger import Kind, Phase, record
from payments.services.points import earn_points
from payments.states import ChargeState
from stores.models import PaymentFlow


class Step(StrEnum):
    ADJUST = "adjust"
    CAPTURE = "capture"
    CANCEL = "cancel"
    LOOK_UP = "look up"


KIND = {Step.ADJUST: Kind.ADJUST, Step.CAPTURE: Kind.CAPTURE, Step.CANCEL: Kind.CANCEL, Step.LOOK_UP: Kind.CAPTURE}


def open_charge(trip: Trip) -> None:
    """A priced trip is to be collected: call in the transaction that priced it.

    Other flows than the payment service have no collector yet: their trips stay `priced`. So do those that a Dash Cart
    has paid for.
    """
    if trip.flow == PaymentFlow.PAYMENT_SERVICE and not dash_cart.pays_for(trip):
        charge = Charge(trip=trip, currency=trip.currency, amount=trip.total or money.ZERO)
        charge.due_now()
        charge.save()


def retry_charge(charge: Charge, *, actor: str) -> None:
    """Staff have a failed charge collected again, from the start. Raises Conflict when it has not failed."""
    with transaction.atomic():
        charge = Charge.locked(charge.pk)
        if charge.state != ChargeState.FAILED:
            raise Conflict(f"Only a failed charge can be collected again; this one is {charge.get_state_display()}.")
        record(charge, Kind.RETRY, Phase.REQUESTED, actor=actor)
        charge.rounds += 1
        charge.start_again()
        charge.rest()
        charge.due_now()
        charge.save()


def collect(charge: Charge) -> None:
    """Take a leased charge as far as it goes. Raises LeaseLost when another worker has it."""
    pk, lease_count = charge.pk, charge.lease_count
    while step := next_step(charge):
        charge = _begin(pk, lease_count, step)
        answer, call = _call(charge, step)
        charge, goes_on = _finish(pk, lease_count, step, answer, call)
        if not goes_on:
            return


def next_step(charge: Charge) -> Step | None:
    match charge.state:
        case ChargeState.PENDING:
            return Step.ADJUST if charge.amount else Step.CANCEL
        case ChargeState.ADJUSTING:
            return Step.ADJUST
        case ChargeState.AUTHORIZED:
            return Step.CAPTURE
        case ChargeState.CANCELLING:
            return Step.CANCEL
        case ChargeState.CAPTURING | ChargeState.UNKNOWN:
            # Found in `capturing`, a worker ended between sending and recording: the same as no answer.
            return Step.LOOK_UP
        case _:
            return None


def _to_capture(charge: Charge) -> Money:
    return Money(min(charge.amount, charge.authorized), charge.currency)


def _begin(pk: int, lease_count: int, step: Step) -> Charge:
    """Commit the intent; looking up changes nothing at Amazon and needs none.

    Each step starts with a whole lease: ending during a capture, it would let another worker look the capture up, not
    find it yet and send its own.
    """
    with transaction.atomic():
        charge = Charge.locked(pk, lease_count=lease_count)
        charge.next_attempt_at = Now() + timedelta(seconds=settings.WORK_LEASE_SECONDS)
        match step:
            case Step.ADJUST:
                charge.start_adjusting()
                record(charge, Kind.ADJUST, Phase.REQUESTED, amount=charge.amount)
            case Step.CAPTURE:
                charge.start_capturing()
                record(charge, Kind.CAPTURE, Phase.REQUESTED, amount=_to_capture(charge).amount)
            case Step.CANCEL:
                charge.start_cancelling()
                record(charge, Kind.CANCEL, Phase.REQUESTED)
            case Step.LOOK_UP:
                pass
            case _:
                assert_never(step)
        charge.save()
        trip = Trip.locked(charge.trip_id)
        if trip.state in {TripState.PRICED, TripState.FAILED}:
            trip.start_collecting()
            trip.save()
    return Charge.objects.select_related("trip__store").get(pk=pk)


def _call(charge: Charge, step: Step) -> tuple[Any, OutboundCall]:
    """Ask Amazon. The answer is an AmazonError where there is no success."""
    address = address_of(charge)
    try:
        match step:
            case Step.ADJUST:
                return payment_service.adjust_charge(address, Money(charge.amount, charge.currency))
            case Step.CAPTURE:
                return payment_service.capture_charge(address, _to_capture(charge))
            case Step.CANCEL:
                return payment_service.cancel_charge(address)
            case Step.LOOK_UP:
                return payment_service.transactional_data(address)
            case _:
                assert_never(step)
    except Failure as failure:
        return failure.error, failure.call


def _finish(pk: int, lease_count: int, step: Step, answer: Any, call: OutboundCall) -> tuple[Charge, bool]:
    """Commit the outcome. The second value says whether the next step can be taken at once."""
    call.save()
    with transaction.atomic():
        charge = Charge.locked(pk, lease_count=lease_count)
        if isinstance(answer, AmazonError):
            _take_failure(charge, step, answer)
        else:
            SUCCESS[step](charge, answer)
        charge.save()
    return charge, charge.failed_attempts == 0 and next_step(charge) is not None


def _adjusted(charge: Charge, answer: Adjusted) -> None:
    if answer.status == AdjustStatus.PENDING:
        record(charge, Kind.ADJUST, Phase.PENDING, amount=charge.amount)
        charge.retry("Amazon has not decided yet (PENDING).")
        return
    is_declined = answer.status == AdjustStatus.DECLINED
    charge.authorized = answer.authorized.amount
    record(
        charge,
        Kind.ADJUST,
        Phase.DECLINED if is_declined else Phase.SUCCEEDED,
        amount=charge.authorized,
        actor="Amazon",
    )
    if charge.authorized > 0:
        charge.authorize()
        charge.failed_attempts, charge.last_error = 0, ""
        return
    charge.decline()
    charge.rest()
    _open_debt(charge)
    _settle_trip(charge, Trip.mark_unpaid)


def _captured(charge: Charge, answer: None = None) -> None:
    taken = _to_capture(charge).amount
    charge.captured = taken
    charge.captured_at = Now()
    record(charge, Kind.CAPTURE, Phase.SUCCEEDED, amount=taken, actor="Amazon")
    CardDetails(charge=charge, next_attempt_at=Now()).save()
    charge.rest()
    if taken < charge.amount:
        charge.capture_partly()
        _open_debt(charge)
        trip = _settle_trip(charge, Trip.mark_partly_paid)
    else:
        charge.capture()
        trip = _settle_trip(charge, Trip.mark_paid)
    earn_points(trip, taken)


def _cancelled(charge: Charge, answer: None) -> None:
    charge.cancel()
    charge.authorized = money.ZERO
    charge.rest()
    record(charge, Kind.CANCEL, Phase.SUCCEEDED, actor="Amazon")
    _settle_trip(charge, Trip.mark_no_charge)


def _looked_up(charge: Charge, answer: CardData) -> None:
    """Was the money taken? Only its statement id proves it; without one the capture may be sent again, unless Amazon
    has refused to: then it is asked until it knows, or a person does."""
    if answer.proves_capture:
        _captured(charge)
    elif _happened_to_capture(charge, Phase.FAILED, Phase.EXPIRED):
        charge.lose_sight()
        charge.retry("Amazon refused the capture after one without an answer, and has no statement id for it.")
    else:
        charge.put_capture_off()
        charge.failed_attempts, charge.last_error = 0, ""


SUCCESS: dict[Step, Callable[[Charge, Any], None]] = {
    Step.ADJUST: _adjusted,
    Step.CAPTURE: _captured,
    Step.CANCEL: _cancelled,
    Step.LOOK_UP: _looked_up,
}


def _take_failure(charge: Charge, step: Step, error: AmazonError) -> None:
    if isinstance(error, NotSent):
        if step == Step.CAPTURE:
            charge.put_capture_off()
        charge.retry(str(error), after=error.retry_after)
    elif step == Step.LOOK_UP:
        charge.lose_sight()
        charge.retry(str(error))
    elif isinstance(error, OutcomeUnknown):
        _take_silence(charge, step, error)
    else:
        _take_refusal(charge, step, error)


def _take_refusal(charge: Charge, step: Step, error: AmazonError) -> None:
    is_expired = isinstance(error, TripExpired)
    record(charge, KIND[step], Phase.EXPIRED if is_expired else Phase.FAILED, actor="Amazon", detail=str(error))
    if step == Step.CAPTURE and _happened_to_capture(charge, Phase.UNKNOWN):
        # Perhaps it is refused because the one before, which stayed without an answer, has taken the money.
        charge.lose_sight()
        charge.retry(str(error), after=settings.CAPTURE_LOOKUP_DELAY_SECONDS)
        return
    charge.rest()
    charge.last_error = str(error)
    if is_expired:
        charge.expire()
        if step != Step.CANCEL:
            _open_debt(charge)
        _settle_trip(charge, Trip.mark_expired)
    else:
        charge.fail()
        _settle_trip(charge, Trip.mark_failed)


def _happened_to_capture(charge: Charge, *phases: Phase) -> bool:
    """In this round of collecting."""
    return charge.events.filter(kind=Kind.CAPTURE, phase__in=phases, key=str(charge.rounds)).exists()


def _take_silence(charge: Charge, step: Step, error: OutcomeUnknown) -> None:
    """No usable answer. A capture may still be on its way: nobody asks before it must have ended."""
    if step == Step.CAPTURE:
        record(charge, Kind.CAPTURE, Phase.UNKNOWN, amount=_to_capture(charge).amount, detail=str(error))
        charge.lose_sight()
        charge.retry(str(error), after=settings.CAPTURE_LOOKUP_DELAY_SECONDS)
    else:
        charge.retry(str(error))


def _open_debt(charge: Charge) -> None:
    owed = charge.amount - charge.captured
    Debt.objects.get_or_create(
        charge=charge, defaults={"amount": owed, "currency": charge.currency, "shopper_id": charge.trip.shopper_id}
    )
    record(charge, Kind.DEBT, Phase.OPENED, amount=owed, detail="What the shopper still owes.")


def _settle_trip(charge: Charge, outcome: Callable[[Trip], None]) -> Trip:
    trip = Trip.locked(charge.trip_id)
    outcome(trip)
    trip.save()
    return trip
