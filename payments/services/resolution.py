"""A person says what became of a charge or a refund whose outcome stays unknown.

While a row is `unknown` nobody is moving its money: a worker commits another state before it sends. One that has the
row in hand finds another lease count when it comes back, and drops what it knows.
"""

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from core import money
from core.errors import Conflict, Invalid
from payments.models import Charge, Refund
from payments.services import outcomes
from payments.services.ledger import Kind, Phase, move_committed, record
from payments.services.points import take_points_back
from payments.services.refund_notices import release_notice
from payments.states import ChargeState, RefundState
from stores.models import PaymentFlow

# Before that it is a hiccup, and most outcomes become known by themselves.
TRIES_BEFORE_A_PERSON = 3


def resolve_charge(charge: Charge, *, was_taken: bool, actor: str, note: str) -> None:
    """The money was taken, or it was not and is asked for again. Raises Conflict when nothing is unknown by now."""
    _check_note(note)
    with transaction.atomic():
        charge = Charge.locked(charge.pk)
        _take_over(charge)
        in_doubt = amount_in_doubt(charge)
        if was_taken:
            charge.authorized = max(charge.authorized, in_doubt)
            outcomes.captured(charge, in_doubt, actor=actor, detail=note)
        else:
            record(charge, Kind.CAPTURE, Phase.DISPROVED, amount=in_doubt, actor=actor, detail=note)
            _ask_again(charge)
        charge.save()


def resolve_refund(refund: Refund, *, was_given: bool, actor: str, note: str) -> None:
    """The shopper has the money, or has not and it can be refunded again. Raises Conflict as above."""
    _check_note(note)
    with transaction.atomic():
        charge = Charge.locked(refund.charge_id)
        refund = Refund.locked(refund.pk)
        _take_over(refund)
        key, amount = refund.event_key, refund.amount
        refund.rest()
        if was_given:
            refund.finish()
            record(charge, Kind.REFUND, Phase.SUCCEEDED, key=key, amount=amount, actor=actor, detail=note)
        else:
            refund.fail()
            refund.last_error = f"{actor}: {note}"
            move_committed(charge, -amount)
            record(charge, Kind.REFUND, Phase.DISPROVED, key=key, amount=amount, actor=actor, detail=note)
        refund.save()
        if was_given:
            take_points_back(charge, refund)
            release_notice(refund)


def resolution_obstacle(row: Charge | Refund) -> str:
    """Why nobody can say now what became of it; empty when somebody can."""
    if row.state not in {ChargeState.UNKNOWN, RefundState.UNKNOWN}:
        return _("The outcome of this %(verbose_name)s is not unknown: it is %(state)s.") % {
            "verbose_name": row._meta.verbose_name,
            "state": row.get_state_display(),
        }
    if row.failed_attempts < TRIES_BEFORE_A_PERSON:
        return _(
            "It becomes known by itself as a rule. After %(tries_before_a_person)s tries without success you can "
            "say what became of it; %(failed_attempts)s so far."
        ) % {"tries_before_a_person": TRIES_BEFORE_A_PERSON, "failed_attempts": row.failed_attempts}
    return ""


def amount_in_doubt(charge: Charge) -> Decimal:
    """What the charge was last told to take; zero when it was not."""
    asked = charge.events.filter(kind=Kind.CAPTURE, phase=Phase.REQUESTED, key=str(charge.rounds)).first()
    return asked.amount if asked and asked.amount is not None else money.ZERO


def _check_note(note: str) -> None:
    if not note.strip():
        raise Invalid(_("Say how you know."), field="note")


def _take_over(row: Charge | Refund) -> None:
    """The row is locked."""
    if obstacle := resolution_obstacle(row):
        raise Conflict(obstacle)
    row.lease_count += 1


def _ask_again(charge: Charge) -> None:
    """In another round: what was sent in this one and stayed without an answer counts no more."""
    charge.rounds += 1
    if charge.flow == PaymentFlow.PAYMENT_SERVICE:
        charge.put_capture_off()
    else:
        charge.put_taking_off()
    charge.rest()
    charge.due_now()
