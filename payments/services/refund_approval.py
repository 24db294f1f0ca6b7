"""Refunds above a store's limit: a second person agrees before any money goes back, or does not."""

from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from core import money
from core.errors import Conflict, Invalid
from payments.models import Charge, Refund
from payments.services.ledger import Kind, Phase, move_committed, record
from payments.services.refund_limits import APPROVE, limit_obstacle
from payments.services.refundable import NOT_FAILED, window_obstacle
from payments.states import RefundState

_WITHDRAWABLE = (RefundState.PENDING_APPROVAL, RefundState.QUEUED)


def needs_approval(charge: Charge, amount: Decimal, *, requested_by: str) -> bool:
    """Whether a second person must agree: several refunds of one person are no way around the store's limit."""
    limit: Decimal | None = charge.trip.store.refund_approval_above
    if limit is None:
        return False
    others = charge.refunds.filter(requested_by=requested_by, state__in=NOT_FAILED)
    given: Decimal = others.aggregate(sum=Sum("amount"))["sum"] or money.ZERO
    return given + amount > limit


def rejection_obstacle(refund: Refund) -> str:
    """Why nobody can decide about it now; empty when somebody can."""
    if refund.state != RefundState.PENDING_APPROVAL:
        return _("This refund does not await approval: it is %(state)s.") % {"state": refund.get_state_display()}
    return ""


def approval_obstacle(refund: Refund, actor: str) -> str:
    """Why this person cannot approve it now; empty when they can."""
    if obstacle := rejection_obstacle(refund):
        return obstacle
    if actor == refund.requested_by:
        return _("Whoever asked for a refund cannot approve it: somebody else must.")
    return window_obstacle(refund.charge) or limit_obstacle(refund.charge, refund.amount, actor=actor, right=APPROVE)


def approve_refund(refund: Refund, *, actor: str) -> None:
    """A second person agrees: the refund is due. Raises Conflict for whoever asked for it, and after the window."""
    with transaction.atomic():
        charge, refund = _locked(refund)
        if obstacle := approval_obstacle(refund, actor):
            raise Conflict(obstacle)
        refund.approve()
        refund.decided_by = actor
        refund.due_now()
        refund.save()
        record(charge, Kind.REFUND, Phase.APPROVED, key=refund.event_key, amount=refund.amount, actor=actor)


def reject_refund(refund: Refund, *, actor: str, note: str) -> None:
    """A second person does not agree; the amount can be refunded again.

    Raises Conflict when it was decided already, Invalid without a note.
    """
    if not note.strip():
        raise Invalid(_("Say why the refund is not approved."), field="note")
    with transaction.atomic():
        charge, refund = _locked(refund)
        if obstacle := rejection_obstacle(refund):
            raise Conflict(obstacle)
        refund.reject()
        refund.decided_by = actor
        refund.last_error = note.strip()
        refund.save()
        move_committed(charge, -refund.amount)
        key, amount = refund.event_key, refund.amount
        record(charge, Kind.REFUND, Phase.REJECTED, key=key, amount=amount, actor=actor, detail=refund.last_error)


def withdrawal_obstacle(refund: Refund, actor: str) -> str:
    """Why this person cannot take it back now; empty when they can."""
    if refund.state not in _WITHDRAWABLE:
        return _("It can be withdrawn until it is sent, and it is %(state)s.") % {"state": refund.get_state_display()}
    if actor != refund.requested_by:
        return _("Only %(requested_by)s, who asked for it, can withdraw it.") % {"requested_by": refund.requested_by}
    return ""


def withdraw_refund(refund: Refund, *, actor: str) -> None:
    """Whoever asked for it takes it back; the amount can be refunded again. Raises Conflict once it is sent.

    A worker that has it in hand finds another lease count, and does not send it.
    """
    with transaction.atomic():
        charge, refund = _locked(refund)
        if obstacle := withdrawal_obstacle(refund, actor):
            raise Conflict(obstacle)
        refund.withdraw()
        refund.lease_count += 1
        refund.rest()
        refund.save()
        move_committed(charge, -refund.amount)
        record(charge, Kind.REFUND, Phase.WITHDRAWN, key=refund.event_key, amount=refund.amount, actor=actor)


def _locked(refund: Refund) -> tuple[Charge, Refund]:
    """The charge first, as everybody who moves its money."""
    return Charge.locked(refund.charge_id), Refund.locked(refund.pk)
