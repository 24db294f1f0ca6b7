"""A charge that Amazon or a processor has refused, and that nobody will ask for again: what it was becomes debt."""

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid
from payments.models import Charge
from payments.services import outcomes
from payments.services.ledger import Kind, Phase, record
from payments.states import ChargeState


def debt_obstacle(charge: Charge) -> str:
    """Why it cannot be noted as debt; empty when it can."""
    if charge.state != ChargeState.FAILED:
        return _("Only what was refused can be noted as debt; this charge is %(state)s.") % {
            "state": charge.get_state_display()
        }
    if not charge.outstanding:
        return _("Nothing of this trip is to be paid.")
    return ""


def note_as_debt(charge: Charge, *, actor: str, note: str) -> None:
    """Nobody is asked any more unless a person says so. Raises Conflict unless it has failed, Invalid without note."""
    if not note.strip():
        raise Invalid(_("Say why it is noted as debt."), field="note")
    with transaction.atomic():
        charge = Charge.locked(charge.pk)
        if obstacle := debt_obstacle(charge):
            raise Conflict(obstacle)
        record(charge, Kind.DEBT, Phase.REQUESTED, amount=charge.outstanding, actor=actor, detail=note.strip())
        outcomes.declined(charge)
        charge.save()
