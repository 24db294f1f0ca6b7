"""Collecting a trip's money: opened when the trip is priced, then walked through the steps of its payment flow.

Each step is: intent (commit) → call → outcome (commit). No transaction is open during a call (core.errands).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from amazon.outbound.hosts import checkout_url, payments_url
from core import money, writes
from core.errands import Call, Errand
from core.errors import Conflict
from orders.models import Trip
from orders.states import TripState
from payments.models import Charge
from payments.services.calls import Answer, journal, paused_stores
from payments.services.dash_cart_holds import pays_for
from payments.services.flows import FLOWS
from payments.services.ledger import Kind, Phase, record
from payments.states import ChargeState, DebtState
from stores.models import PaymentFlow

_RETRIED = {ChargeState.FAILED, ChargeState.DECLINED}
_NOT_BEGUN = {TripState.PRICED, TripState.FAILED, TripState.UNPAID, TripState.PARTLY_PAID}


class _Answer(NamedTuple):
    step: str
    answer: Answer


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
        return _("Only a failed or declined charge can be collected again; this one is %(state)s.") % {
            "state": charge.get_state_display()
        }
    debt = getattr(charge, "debt", None)
    if debt is not None and debt.state != DebtState.OPEN:
        return _("The debt of this trip is %(state)s.") % {"state": debt.get_state_display()}
    return ""


class Collecting(Errand[Charge]):
    """The errand of a charge: step by step, as far as it goes."""

    model = Charge

    def ready(self, due: QuerySet[Charge]) -> QuerySet[Charge]:
        for flow, url in ((PaymentFlow.PAYMENT_SERVICE, payments_url), (PaymentFlow.CHECKOUT_SERVICE, checkout_url)):
            if stores := paused_stores(url):
                due = due.exclude(Q(flow=flow, trip__store__in=stores))
        return due

    def lock(self, leases: Mapping[int, int]) -> dict[int, Charge]:
        charges = super().lock(leases)
        prefetch_related_objects(list(charges.values()), "debt", "feedback")
        with_cart = [charge.trip for charge in charges.values() if charge.flow == PaymentFlow.CHECKOUT_SERVICE]
        prefetch_related_objects(with_cart, "lines")
        return charges

    def begin(self, charge: Charge) -> Call | None:
        flow = FLOWS[charge.flow]
        step = flow.next_step(charge)
        if step is None:
            charge.rest()
            return None
        ask = flow.ask(charge, step)
        flow.begin(charge, step)
        if charge.trip.state in _NOT_BEGUN:
            charge.trip.start_collecting()
            writes.update(charge.trip, "state")
        charge.asked_at = Now()
        return lambda: _Answer(step, ask())

    def keep(self, answers: Sequence[_Answer]) -> None:
        journal(given for _, given in answers)

    def finish(self, charge: Charge, answer: _Answer) -> bool:
        flow, failures = FLOWS[charge.flow], charge.failed_attempts
        charge.asked_at = None
        flow.take(charge, answer.step, answer.answer.said)
        has_to_wait = charge.failed_attempts > failures
        return not has_to_wait and flow.next_step(charge) is not None
