"""Giving money back: asked for by staff or the retailer's systems, sent to Amazon under one key however often."""

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from amazon.models import OutboundCall
from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown
from amazon.outbound.hosts import payments_url
from amazon.outbound.transport import Address
from core import money
from core.errands import Call, Errand
from core.errors import Conflict, Invalid
from core.languages import english
from core.money import Money
from orders.models import Trip
from payments.balances import compute
from payments.clients import payment_service
from payments.clients.payment_service import Refunded
from payments.models import Charge, Refund, RefundLine
from payments.services.addresses import address_of
from payments.services.calls import Answer, call_of, journal, lock_with_charges, paused_stores, try_later
from payments.services.flows import own_processor
from payments.services.ledger import Kind, Phase, move_committed, record, recorded
from payments.services.points import take_points_back
from payments.services.refund_approval import needs_approval
from payments.services.refund_limits import check_limit
from payments.services.refund_notices import plan_notice, release_notice
from payments.services.refundable import (
    BY_AMAZON,
    all_items_left,
    check_amount,
    check_quantity,
    check_window,
    cost_of_lines,
    refunded_quantities,
)
from payments.states import ReasonCode, RefundState
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
    reason_label: str = "",
    line_notes: Mapping[int, str] | None = None,
    tells_shopper: bool = False,
) -> Refund:
    """Queue a refund: of `amount`, of `quantities` (by line pk), or of all that is left when neither is given.

    An amount that is all that is left is written down as the items that are left, where they add up to it.

    A person gives back no more than their groups may (refund_limits). Above the store's limit it first awaits the
    approval of a second person. The same key again with the same content returns the refund that stands. Raises
    Conflict when the trip allows no such refund now, or the key stands for another one; Invalid when the request itself
    makes no sense.
    """
    _check_sense(reason, amount, quantities)
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
        if not lines and wanted == left:
            lines = _if_they_add_up(all_items_left(trip), left)
        check_limit(charge, wanted, actor=actor)
        awaits = needs_approval(charge, wanted, requested_by=actor)
        refund, is_new = Refund.objects.get_or_create(
            refund_request_id=refund_request_id,
            defaults={
                "charge": charge,
                "state": RefundState.PENDING_APPROVAL if awaits else RefundState.QUEUED,
                "amount": wanted,
                "currency": charge.currency,
                "reason": reason,
                "reason_label": reason_label,
                "note": note,
                "requested_by": actor,
                "next_attempt_at": None if awaits else Now(),
            },
        )
        if not is_new:  # for another trip, whose lock is another, within these milliseconds
            return _same_or_conflict(refund, charge, amount, quantities or {}, reason)
        for line in lines:
            line.refund = refund
            line.note = (line_notes or {}).get(line.line_id, "")
        if tells_shopper:
            plan_notice(refund)
        RefundLine.objects.bulk_create(lines)
        _commit(charge, refund, actor)
    return refund


def _check_sense(reason: str, amount: Decimal | None, quantities: Mapping[int, Decimal] | None) -> None:
    if reason not in ReasonCode.values:
        raise Invalid(
            _("“%(reason)s” is none of %(value)s.") % {"reason": reason, "value": ", ".join(ReasonCode.values)},
            field="reason",
        )
    if amount is not None and quantities is not None:
        raise Invalid(_("Give an amount or lines, not both."), field="amount")
    if quantities is not None and not quantities:
        raise Invalid(_("Choose at least one line."), field="lines")


def retry_refund(refund: Refund, *, actor: str) -> None:
    """Staff have a failed refund sent again, with its key. Raises Conflict when the money is no longer there.

    One that was approved stays so.
    """
    with transaction.atomic():
        charge = Charge.locked(refund.charge_id)
        refund = Refund.locked(refund.pk)
        if refund.state != RefundState.FAILED:
            raise Conflict(
                _("Only a failed refund can be sent again; this one is %(state)s.")
                % {"state": refund.get_state_display()}
            )
        check_limit(charge, refund.amount, actor=actor)
        if not refund.decided_by and needs_approval(charge, refund.amount, requested_by=refund.requested_by):
            raise Conflict(
                _("Together with later refunds of the same person it is above the limit: ask for a new one.")
            )
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


class Refunding(Errand[Refund]):
    """The errand of a refund: one call, with its key."""

    model = Refund

    def ready(self, due: QuerySet[Refund]) -> QuerySet[Refund]:
        stores = paused_stores(payments_url)
        return due.exclude(charge__processor="", charge__trip__store__in=stores) if stores else due

    def lock(self, leases: Mapping[int, int]) -> dict[int, Refund]:
        return lock_with_charges(Refund, leases)

    def begin(self, refund: Refund) -> Call:
        ask = _ask(refund)
        if refund.state == RefundState.SENT:
            _record_silence(refund.charge, refund, "A worker ended before it recorded an answer.")
        refund.start_sending()
        return ask

    def keep(self, answers: Sequence[Answer]) -> None:
        journal(answers)

    def finish(self, refund: Refund, answer: Answer) -> bool:
        _settle(refund.charge, refund, answer.said)
        if refund.state == RefundState.DONE:
            refund.save()
            take_points_back(refund.charge, refund)
            release_notice(refund)
        return False


def _locked_charge(trip: Trip) -> Charge:
    """The trip's charge, locked: whoever else wants to refund this trip waits here."""
    charge = Charge.for_update().filter(trip=trip).first()
    if charge is None or not charge.captured:
        raise Conflict(_("Nothing was captured for this trip, so nothing can be refunded."))
    if charge.flow == PaymentFlow.CHECKOUT_SERVICE:
        raise Conflict(str(BY_AMAZON))
    return charge


def _same_or_conflict(
    existing: Refund, charge: Charge, amount: Decimal | None, quantities: Mapping[int, Decimal], reason: str
) -> Refund:
    is_same = existing.charge_id == charge.pk and existing.reason == reason
    if quantities:
        is_same = is_same and {line.line_id: line.quantity for line in existing.lines.all()} == quantities
    elif amount is None:
        is_same = is_same and _left_nothing(existing)
    else:
        is_same = is_same and amount == existing.amount
    if not is_same:
        raise Conflict(_("This refund_request_id stands for another refund already."), field="refund_request_id")
    return existing


def _if_they_add_up(lines: list[RefundLine], amount: Decimal) -> list[RefundLine]:
    return lines if sum((line.amount for line in lines), money.ZERO) == amount else []


def _left_nothing(refund: Refund) -> bool:
    """Whether the refund was of all that was left when it was asked for."""
    events = refund.charge.events
    asked = events.get(kind=Kind.REFUND, phase=Phase.REQUESTED, key=refund.first_event_key)
    return not compute(events.filter(pk__lte=asked.pk), refund.currency).refundable


def _commit(charge: Charge, refund: Refund, actor: str) -> None:
    move_committed(charge, refund.amount)
    with english():
        awaits = refund.get_state_display() if refund.state == RefundState.PENDING_APPROVAL else ""
        detail = " – ".join(filter(None, [refund.why, refund.note, awaits]))
    record(charge, Kind.REFUND, Phase.REQUESTED, key=refund.event_key, amount=refund.amount, actor=actor, detail=detail)


def _ask(refund: Refund) -> Call:
    """What makes the call. Raises NotNow."""
    if refund.charge.processor:
        return lambda: Answer(own_processor.refund(refund), None)
    address = address_of(refund.charge)
    return call_of(address, lambda: _call(address, refund))


def _call(address: Address, refund: Refund) -> tuple[Refunded, OutboundCall]:
    return payment_service.refund(
        address,
        Money(refund.amount, refund.currency),
        refund_request_id=refund.refund_request_id,
        reason=refund.reason,
    )


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
    elif recorded(charge, Kind.REFUND, Phase.UNKNOWN, key=key):
        # Whatever Amazon says of this try, it may have acted on an earlier one that stayed without an answer: the money
        # is not free for another key.
        refund.lose_sight()
        try_later(refund, answer)
    elif isinstance(answer, NotSent):
        refund.put_off()
        try_later(refund, answer)
    else:
        refund.fail()
        refund.rest()
        refund.last_error = str(answer)
        move_committed(charge, -amount)
        detail = str(answer)
        record(charge, Kind.REFUND, Phase.FAILED, key=key, amount=amount, actor=charge.collector, detail=detail)


def _record_silence(charge: Charge, refund: Refund, detail: str) -> None:
    record(charge, Kind.REFUND, Phase.UNKNOWN, key=refund.event_key, amount=refund.amount, detail=detail)
