"""Collecting a trip's money: opened when the trip is priced, then walked through the steps of its payment flow.

Each step is: intent (commit) → call → outcome (commit). No transaction is open during a call (core.errands).
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.db import transaction

from amazon.models import OutboundCall
from core import money
from core.errors import Conflict
from orders.models import Trip
from orders.states import TripState
from payments.models import Charge
from payments.services.dash_cart_holds import pays_for
from payments.services.flows import FLOWS
from payments.services.ledger import Kind, Phase, record
from payments.states import ChargeState, DebtState
from stores.models import PaymentFlow

_RETRIED = {ChargeState.FAILED, ChargeState.DECLINED}
_NOT_BEGUN = {TripState.PRICED, TripState.FAILED, TripState.UNPAID, TripState.PARTLY_PAID}


class _Answer(NamedTuple):
    step: str
    answer: Any
    call: OutboundCall | None


def open_charge(trip: Trip) -> None:
    """A priced trip is to be collected: call in the transaction that priced it.

    One that a Dash Cart has paid for stays `priced`.
    """
    if not pays_for(trip):
        charge = Charge(trip=trip, flow=trip.flow, currency=trip.currency, amount=trip.total or money.ZERO)
        if charge.flow == PaymentFlow.OWN_PROCESSOR:
            charge.processor = trip.store.processor
        charge.due_now()
        charge.save()


def retry_charge(charge: Charge, *, actor: str) -> None:
    """Staff have the money asked for again, from the start: what failed, or a card that was declined.

    Raises Conflict when the charge is in another state, or the debt was settled or written off meanwhile.
    """
    with transaction.atomic():
        charge = Charge.locked(charge.pk)
        if obstacle := retry_obstacle(charge):
            raise Conflict(obstacle)
        record(charge, Kind.RETRY, Phase.REQUESTED, actor=actor)
        charge.rounds += 1
        charge.start_again()
        charge.rest()
        charge.due_now()
        charge.save()


def retry_obstacle(charge: Charge) -> str:
    """Why the money cannot be asked for again; empty when it can."""
    if charge.state not in _RETRIED:
        return f"Only a failed or declined charge can be collected again; this one is {charge.get_state_display()}."
    debt = getattr(charge, "debt", None)
    if debt is not None and debt.state != DebtState.OPEN:
        return f"The debt of this trip is {debt.get_state_display()}."
    return ""


class Collecting:
    """The errand of a charge: step by step, as far as it goes."""

    def begin(self, charge: Charge) -> Callable[[], _Answer] | None:
        flow = FLOWS[charge.flow]
        step = flow.next_step(charge)
        if step is None:
            return None
        flow.begin(charge, step)
        if charge.trip.state in _NOT_BEGUN:
            charge.trip.start_collecting()
            charge.trip.save()
        return lambda: _Answer(step, *flow.call(charge, step))

    def keep(self, answers: Sequence[_Answer]) -> None:
        OutboundCall.objects.bulk_create([answer.call for answer in answers if answer.call])

    def finish(self, charge: Charge, answer: _Answer) -> bool:
        flow, failures = FLOWS[charge.flow], charge.failed_attempts
        flow.take(charge, answer.step, answer.answer)
        has_to_wait = charge.failed_attempts > failures
        return not has_to_wait and flow.next_step(charge) is not None
