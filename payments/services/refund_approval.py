"""Refunds above a store's limit: a second person agrees before any money goes back, or does not."""

from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from core import money
from core.errors import Conflict, Invalid
from payments.models import Charge, Refund
from payments.services.ledger import Kind, Phase, move_committed, record
from payments.services.refundable import NOT_FAILED, window_obstacle
from payments.states import RefundState


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
        return f"This refund does not await approval: it is {refund.get_state_display()}."
    return ""


def approval_obstacle(refund: Refund, actor: str) -> str:
    """Why this person cannot approve it now; empty when they can."""
    if obstacle := rejection_obstacle(refund):
        return obstacle
    if actor == refund.requested_by:
        return "Whoever asked for a refund cannot approve it: somebody else must."
    return window_obstacle(refund.charge)


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
    """A second person does not agree, or whoever asked takes it back; the amount can be refunded again.

    Raises Conflict when it was decided already, Invalid without a note.
    """
    if not note.strip():
        raise Invalid("Say why the refund is not approved.", field="note")
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


def _locked(refund: Refund) -> tuple[Charge, Refund]:
    """The charge first, as everybody who moves its money."""
    return Charge.locked(refund.charge_id), Refund.locked(refund.pk)
