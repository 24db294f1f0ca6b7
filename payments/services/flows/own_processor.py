"""The retailer's own processor (payments.processors) takes the money of a member, in one call with a key.

After a call without a usable answer the processor is asked what became of it, before it is called again with that key.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, assert_never

from django.conf import settings

from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown, Refused
from core.errands import TooLate, using_the_database
from core.money import Money
from payments.clients.payment_service import Refunded
from payments.models import Charge, Refund
from payments.processors import PROCESSORS
from payments.processors.processor import Declined, Order, RefundOrder, Taken
from payments.services import outcomes
from payments.services.calls import Answer
from payments.services.ledger import Kind, Phase, record, recorded
from payments.states import ChargeState

NO_MEMBER = (
    "No member is known for this trip: give the member one of the ids that its cart names, then have it tried again."
)

# Of a charge whose outcome a person has told.
NO_REMOTE_ID = "Which payment at {} it was is not known here: give the money back there."


class Step(StrEnum):
    CLOSE = "close"
    TAKE = "take"
    LOOK_UP = "look up"


def next_step(charge: Charge) -> Step | None:
    match charge.state:
        case ChargeState.PENDING:
            return Step.TAKE if charge.amount else Step.CLOSE
        case ChargeState.CAPTURING | ChargeState.UNKNOWN:
            # Found in `capturing`, a worker ended between sending and recording: the same as no answer.
            return Step.LOOK_UP
        case _:
            return None


def begin(charge: Charge, step: str) -> None:
    """Looking up and closing take nothing and need no intent."""
    if step == Step.TAKE:
        charge.start_taking()
        record(charge, Kind.CAPTURE, Phase.REQUESTED, amount=charge.outstanding)


def ask(charge: Charge, step: str) -> Callable[[], Answer]:
    """The processor writes its own journal."""
    return lambda: Answer(_said(lambda: _ask(charge, Step(step))), None)


def take(charge: Charge, step: str, answer: Any) -> None:
    match answer:
        case Taken():
            charge.authorized = answer.amount.amount
            charge.remote_id = answer.remote_id
            outcomes.captured(charge, answer.amount.amount, actor=charge.collector)
        case Declined():
            record(charge, Kind.CAPTURE, Phase.DECLINED, actor=charge.collector, detail=answer.reason)
            outcomes.declined(charge)
        case AmazonError():
            _take_failure(charge, Step(step), answer)
        case _ if step == Step.CLOSE:
            outcomes.cancelled(charge)
        case _:
            _found_nothing(charge)


def refund(refund: Refund) -> Refunded | AmazonError:
    """Have money given back by whoever took it."""
    charge = refund.charge
    if not charge.remote_id:
        return Refused(NO_REMOTE_ID.format(charge.collector))
    order = RefundOrder(
        key=str(refund.refund_request_id),
        amount=Money(refund.amount, refund.currency),
        remote_id=charge.remote_id,
        store=charge.trip.store,
        amazon_trip_id=charge.trip.amazon_trip_id,
    )
    refunded: Refunded | AmazonError = _said(lambda: Refunded(PROCESSORS[charge.processor].refund(order)))
    return refunded


def _said(call: Callable[[], Any]) -> Any:
    """What the processor answers, which reads the database first; or the AmazonError."""
    try:
        with using_the_database():
            return call()
    except TooLate as error:
        return NotSent(str(error))
    except AmazonError as error:
        return error


def _ask(charge: Charge, step: Step) -> Taken | Declined | None:
    processor = PROCESSORS[charge.processor]
    match step:
        case Step.CLOSE:
            return None
        case Step.TAKE:
            return processor.charge(_order(charge))
        case Step.LOOK_UP:
            return processor.look_up(_order(charge))
        case unknown:
            assert_never(unknown)


def _order(charge: Charge) -> Order:
    """One key for each round: staff begin another one only when it is certain that nothing was taken."""
    trip = charge.trip
    if trip.member is None:
        raise Refused(NO_MEMBER)
    return Order(
        key=f"{trip.amazon_trip_id}/{charge.rounds}",
        amount=Money(charge.outstanding, charge.currency),
        member=trip.member,
        store=trip.store,
        amazon_trip_id=trip.amazon_trip_id,
    )


def _found_nothing(charge: Charge) -> None:
    if refusal := recorded(charge, Kind.CAPTURE, Phase.FAILED):
        outcomes.failed(charge, refusal.detail)
    else:
        # Its failures go on counting: a person hears of a charge that never gets an answer.
        charge.put_taking_off()


def _take_failure(charge: Charge, step: Step, error: AmazonError) -> None:
    if isinstance(error, NotSent):
        if step == Step.TAKE:
            charge.put_taking_off()
        charge.retry(str(error), after=error.retry_after)
    elif step == Step.LOOK_UP:
        charge.lose_sight()
        charge.retry(str(error))
    elif isinstance(error, OutcomeUnknown):
        record(charge, Kind.CAPTURE, Phase.UNKNOWN, amount=charge.outstanding, detail=str(error))
        charge.lose_sight()
        charge.retry(str(error), after=settings.CAPTURE_LOOKUP_DELAY_SECONDS)
    else:
        _take_refusal(charge, error)


def _take_refusal(charge: Charge, error: AmazonError) -> None:
    record(charge, Kind.CAPTURE, Phase.FAILED, actor=charge.collector, detail=str(error))
    if recorded(charge, Kind.CAPTURE, Phase.UNKNOWN):
        # The call before, which stayed without an answer, may have taken the money: looked up once more.
        charge.lose_sight()
        charge.retry(str(error), after=settings.CAPTURE_LOOKUP_DELAY_SECONDS)
    else:
        outcomes.failed(charge, str(error))
