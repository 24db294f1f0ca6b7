"""Giving money back: asked for by staff or the retailer's systems, sent to Amazon under one key however often."""

import uuid
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.db.models.functions import Now

from amazon.models import OutboundCall
from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown
from amazon.outbound.transport import Failure
from core import money
from core.errors import Conflict, Invalid
from core.money import Money
from orders.models import Trip
from payments.balances import compute
from payments.clients import payment_service
from payments.clients.payment_service import Refunded
from payments.models import Charge, Refund, RefundLine
from payments.services.addresses import address_of
from payments.services.flows import own_processor
from payments.services.ledger import Kind, Phase, move_committed, record
from payments.services.points import take_points_back
from payments.services.refund_approval import needs_approval
from payments.services.refundable import (
    BY_AMAZON,
    check_amount,
    check_quantity,
    check_window,
    cost_of_lines,
    refunded_quantities,
)
from payments.states import RefundReason, RefundState
from stores.models import PaymentFlow


def request_refund(
    trip: Trip,
    *,
    refund_request_id: uuid.UUID,
    actor: str,
    reason: str,
    amount: Decimal | None = None,
    quantities: Mapping[int, Decimal] | None = None,
    note: str = "",
) -> Refund:
    """Queue a refund: of `amount`, of `quantities` (by line pk), or of all that is left when neither is given.

    Above the store's limit it first awaits the approval of a second person. The same key again with the same content
    returns the refund that stands. Raises Conflict when the trip allows no such refund now, or the key stands for
    another one; Invalid when the request itself makes no sense.
    """
    if reason not in RefundReason.values:
        raise Invalid(f"“{reason}” is none of {', '.join(RefundReason.values)}.", field="reason")
    if amount is not None and quantities is not None:
        raise Invalid("Give an amount or lines, not both.", field="amount")
    if quantities is not None and not quantities:
        raise Invalid("Choose at least one line.", field="lines")
    with transaction.atomic():
        charge = _locked_charge(trip)
        if existing := Refund.objects.filter(refund_request_id=refund_request_id).first():
            return _same_or_conflict(existing, charge, amount, quantities or {}, reason)
        check_window(charge)
        lines = [] if quantities is None else cost_of_lines(trip, quantities)
        if lines:
            amount = sum((line.amount for line in lines), money.ZERO)
        left = charge.captured - charge.committed
        wanted = check_amount(left if amount is None else amount, left, charge.currency)
        awaits = needs_approval(charge, wanted, requested_by=actor)
        refund, is_new = Refund.objects.get_or_create(
            refund_request_id=refund_request_id,
            defaults={
                "charge": charge,
                "state": RefundState.PENDING_APPROVAL if awaits else RefundState.QUEUED,
                "amount": wanted,
                "currency": charge.currency,
                "reason": reason,
                "note": note,
                "requested_by": actor,
                "next_attempt_at": None if awaits else Now(),
            },
        )
        if not is_new:  # for another trip, whose lock is another, within these milliseconds
            return _same_or_conflict(refund, charge, amount, quantities or {}, reason)
        for line in lines:
            line.refund = refund
        RefundLine.objects.bulk_create(lines)
        _commit(charge, refund, actor)
    return refund


def retry_refund(refund: Refund, *, actor: str) -> None:
    """Staff have a failed refund sent again, with its key. Raises Conflict when the money is no longer there.

    One that was approved stays so.
    """
    with transaction.atomic():
        charge = Charge.locked(refund.charge_id)
        refund = Refund.locked(refund.pk)
        if refund.state != RefundState.FAILED:
            raise Conflict(f"Only a failed refund can be sent again; this one is {refund.get_state_display()}.")
        if not refund.decided_by and needs_approval(charge, refund.amount, requested_by=refund.requested_by):
            raise Conflict("Together with later refunds of the same person it is above the limit: ask for a new one.")
        check_window(charge)
        check_amount(refund.amount, charge.captured - charge.committed, charge.currency)
        given = refunded_quantities(charge.trip)
        for part in refund.lines.select_related("line"):
            check_quantity(part.line, part.quantity, given[part.line_id])
        refund.rounds += 1
        refund.queue_again()
        refund.rest()
        refund.due_now()
        refund.save()
        _commit(charge, refund, actor)


def send_refund(refund: Refund) -> None:
    """Send a leased refund. Raises LeaseLost when another worker has it."""
    pk, lease_count = refund.pk, refund.lease_count
    with transaction.atomic():
        charge = Charge.locked(refund.charge_id)
        refund = Refund.locked(pk, lease_count=lease_count)
        if refund.state == RefundState.SENT:
            _record_silence(charge, refund, "A worker ended before it recorded an answer.")
        refund.start_sending()
        refund.save()
    refund = Refund.objects.select_related("charge__trip__store").get(pk=pk)
    answer, call = _call(refund)
    if call is not None:
        call.save()
    with transaction.atomic():
        charge = Charge.locked(refund.charge_id)
        refund = Refund.locked(pk, lease_count=lease_count)
        _settle(charge, refund, answer)
        refund.save()
        if refund.state == RefundState.DONE:
            take_points_back(charge, refund)


def _locked_charge(trip: Trip) -> Charge:
    """The trip's charge, locked: whoever else wants to refund this trip waits here."""
    charge = Charge.for_update().filter(trip=trip).first()
    if charge is None or not charge.captured:
        raise Conflict("Nothing was captured for this trip, so nothing can be refunded.")
    if charge.flow == PaymentFlow.CHECKOUT_SERVICE:
        raise Conflict(BY_AMAZON)
    return charge


def _same_or_conflict(
    existing: Refund, charge: Charge, amount: Decimal | None, quantities: Mapping[int, Decimal], reason: str
) -> Refund:
    lines = {line.line_id: line.quantity for line in existing.lines.all()}
    is_same = existing.charge_id == charge.pk and existing.reason == reason and lines == quantities
    if amount is None and not quantities:
        is_same = is_same and _left_nothing(existing)
    elif amount is not None:
        is_same = is_same and amount == existing.amount
    if not is_same:
        raise Conflict("This refund_request_id stands for another refund already.", field="refund_request_id")
    return existing


def _left_nothing(refund: Refund) -> bool:
    """Whether the refund was of all that was left when it was asked for."""
    events = refund.charge.events
    asked = events.get(kind=Kind.REFUND, phase=Phase.REQUESTED, key=refund.first_event_key)
    return not compute(events.filter(pk__lte=asked.pk), refund.currency).refundable


def _commit(charge: Charge, refund: Refund, actor: str) -> None:
    move_committed(charge, refund.amount)
    awaits = refund.get_state_display() if refund.state == RefundState.PENDING_APPROVAL else ""
    detail = " – ".join(filter(None, [refund.get_reason_display(), refund.note, awaits]))
    record(charge, Kind.REFUND, Phase.REQUESTED, key=refund.event_key, amount=refund.amount, actor=actor, detail=detail)


def _call(refund: Refund) -> tuple[Refunded | AmazonError, OutboundCall | None]:
    if refund.charge.processor:
        return own_processor.refund(refund), None
    try:
        return payment_service.refund(
            address_of(refund.charge),
            Money(refund.amount, refund.currency),
            refund_request_id=refund.refund_request_id,
            reason=refund.reason,
        )
    except Failure as failure:
        return failure.error, failure.call


def _settle(charge: Charge, refund: Refund, answer: Refunded | AmazonError) -> None:
    key, amount = refund.event_key, refund.amount
    if isinstance(answer, Refunded):
        refund.finish()
        refund.rest()
        refund.reconciliation_id = answer.reconciliation_id
        record(charge, Kind.REFUND, Phase.SUCCEEDED, key=key, amount=amount, actor=charge.collector)
    elif isinstance(answer, OutcomeUnknown):
        _record_silence(charge, refund, str(answer))
        refund.lose_sight()
        refund.retry(str(answer))
    elif _may_be_done(charge, refund):
        # Whatever Amazon says of this try, it may have acted on an earlier one: the money is not free for another key.
        refund.lose_sight()
        refund.retry(str(answer), after=getattr(answer, "retry_after", None))
    elif isinstance(answer, NotSent):
        refund.put_off()
        refund.retry(str(answer), after=answer.retry_after)
    else:
        refund.fail()
        refund.rest()
        refund.last_error = str(answer)
        move_committed(charge, -amount)
        detail = str(answer)
        record(charge, Kind.REFUND, Phase.FAILED, key=key, amount=amount, actor=charge.collector, detail=detail)


def _record_silence(charge: Charge, refund: Refund, detail: str) -> None:
    record(charge, Kind.REFUND, Phase.UNKNOWN, key=refund.event_key, amount=refund.amount, detail=detail)


def _may_be_done(charge: Charge, refund: Refund) -> bool:
    """Whether some try was sent and stayed without an answer."""
    return charge.events.filter(kind=Kind.REFUND, phase=Phase.UNKNOWN, key=refund.event_key).exists()
