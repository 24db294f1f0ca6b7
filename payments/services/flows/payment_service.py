"""Amazon's payment service: adjust, then capture; or cancel what costs nothing.

What a call without a usable answer means is decided per step: adjust and cancel are safe to send again, a capture
never is, so after one Amazon is asked (transactional data) before anything else. Amazon: payment_processing.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, assert_never

from django.conf import settings

from amazon.models import OutboundCall
from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown, TripExpired
from amazon.outbound.transport import Address
from core.money import Money
from payments.clients import payment_service
from payments.clients.payment_service import Adjusted, AdjustStatus, CardData
from payments.models import Charge
from payments.services import outcomes
from payments.services.addresses import address_of
from payments.services.calls import Answer, call_of, try_later
from payments.services.ledger import Kind, Phase, record, recorded
from payments.states import ChargeState


class Step(StrEnum):
    ADJUST = "adjust"
    CAPTURE = "capture"
    CANCEL = "cancel"
    LOOK_UP = "look up"


_KIND = {Step.ADJUST: Kind.ADJUST, Step.CAPTURE: Kind.CAPTURE, Step.CANCEL: Kind.CANCEL, Step.LOOK_UP: Kind.CAPTURE}


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


def begin(charge: Charge, step: str) -> None:
    """Looking up changes nothing at Amazon and needs no intent."""
    match Step(step):
        case Step.ADJUST:
            charge.start_adjusting()
            record(charge, Kind.ADJUST, Phase.REQUESTED, amount=charge.outstanding)
        case Step.CAPTURE:
            charge.start_capturing()
            record(charge, Kind.CAPTURE, Phase.REQUESTED, amount=_to_capture(charge).amount)
        case Step.CANCEL:
            charge.start_cancelling()
            record(charge, Kind.CANCEL, Phase.REQUESTED)
        case Step.LOOK_UP:
            pass


def ask(charge: Charge, step: str) -> Callable[[], Answer]:
    address = address_of(charge)
    return call_of(address, lambda: _call(address, charge, Step(step)))


def take(charge: Charge, step: str, answer: Any) -> None:
    if isinstance(answer, AmazonError):
        _take_failure(charge, Step(step), answer)
    else:
        _SUCCESS[Step(step)](charge, answer)


def _call(address: Address, charge: Charge, step: Step) -> tuple[Any, OutboundCall]:
    match step:
        case Step.ADJUST:
            return payment_service.adjust_charge(address, Money(charge.outstanding, charge.currency))
        case Step.CAPTURE:
            return payment_service.capture_charge(address, _to_capture(charge))
        case Step.CANCEL:
            return payment_service.cancel_charge(address)
        case Step.LOOK_UP:
            return payment_service.transactional_data(address)
        case unknown:
            assert_never(unknown)


def _to_capture(charge: Charge) -> Money:
    return Money(min(charge.outstanding, charge.authorized), charge.currency)


def _adjusted(charge: Charge, answer: Adjusted) -> None:
    if answer.status == AdjustStatus.PENDING:
        record(charge, Kind.ADJUST, Phase.PENDING, amount=charge.outstanding)
        charge.retry("Amazon has not decided yet (PENDING).")
        return
    phase = Phase.DECLINED if answer.status == AdjustStatus.DECLINED else Phase.SUCCEEDED
    charge.authorized = answer.authorized.amount
    record(charge, Kind.ADJUST, phase, amount=charge.authorized, actor="Amazon")
    if charge.authorized > 0:
        charge.authorize()
        charge.failed_attempts, charge.last_error = 0, ""
    else:
        outcomes.declined(charge)


def _captured(charge: Charge, answer: None = None) -> None:
    outcomes.captured(charge, _to_capture(charge).amount)


def _cancelled(charge: Charge, answer: None) -> None:
    record(charge, Kind.CANCEL, Phase.SUCCEEDED, actor="Amazon")
    outcomes.cancelled(charge)


def _looked_up(charge: Charge, answer: CardData) -> None:
    """Was the money taken? Only its statement id proves it; without one the capture may be sent again, unless Amazon
    has refused to: then it is asked until it knows, or a person does."""
    if answer.proves_capture:
        _captured(charge)
    elif recorded(charge, Kind.CAPTURE, Phase.FAILED, Phase.EXPIRED):
        charge.lose_sight()
        charge.retry("Amazon refused the capture after one without an answer, and has no statement id for it.")
    else:
        # Its failures go on counting: a person hears of a capture that never gets an answer.
        charge.put_capture_off()


_SUCCESS: dict[Step, Callable[[Charge, Any], None]] = {
    Step.ADJUST: _adjusted,
    Step.CAPTURE: _captured,
    Step.CANCEL: _cancelled,
    Step.LOOK_UP: _looked_up,
}


def _take_failure(charge: Charge, step: Step, error: AmazonError) -> None:
    if isinstance(error, NotSent):
        if step == Step.CAPTURE:
            charge.put_capture_off()
        try_later(charge, error)
    elif step == Step.LOOK_UP:
        charge.lose_sight()
        charge.retry(str(error))
    elif isinstance(error, OutcomeUnknown):
        _take_silence(charge, step, error)
    else:
        _take_refusal(charge, step, error)


def _take_silence(charge: Charge, step: Step, error: OutcomeUnknown) -> None:
    """No usable answer. A capture may still be on its way: nobody asks before it must have ended."""
    if step == Step.CAPTURE:
        record(charge, Kind.CAPTURE, Phase.UNKNOWN, amount=_to_capture(charge).amount, detail=str(error))
        charge.lose_sight()
        charge.retry(str(error), after=settings.CAPTURE_LOOKUP_DELAY_SECONDS)
    else:
        charge.retry(str(error))


def _take_refusal(charge: Charge, step: Step, error: AmazonError) -> None:
    is_expired = isinstance(error, TripExpired)
    record(charge, _KIND[step], Phase.EXPIRED if is_expired else Phase.FAILED, actor="Amazon", detail=str(error))
    if step == Step.CAPTURE and recorded(charge, Kind.CAPTURE, Phase.UNKNOWN):
        # Perhaps it is refused because the one before, which stayed without an answer, has taken the money.
        charge.lose_sight()
        charge.retry(str(error), after=settings.CAPTURE_LOOKUP_DELAY_SECONDS)
    elif is_expired:
        outcomes.expired(charge, str(error), is_owed=step != Step.CANCEL)
    else:
        outcomes.failed(charge, str(error))
