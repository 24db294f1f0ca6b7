"""Giving money back: asked for by staff or the retailer's systems, sent to Amazon under one key however often."""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now

from amazon.models import OutboundCall
from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown
from amazon.outbound.transport import Failure
from core import money
from core.errors import Conflict, Invalid
from core.money import Money
from orders.models import Line, Trip
from orders.states import HAS_CAPTURE
from payments.balances import compute
from payments.clients import payment_service
from payments.clients.payment_service import Refunded
from payments.models import Charge, Refund, RefundLine
from payments.services.addresses import address_of
from payments.services.ledger import Kind, Phase, record
from payments.services.points import take_points_back
from payments.states import RefundReason, RefundState

NOT_FAILED = [state for state in RefundState if state != RefundState.FAILED]


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

    The same key again with the same content returns the refund that stands. Raises Conflict when the trip allows no
    such refund now, or the key stands for another one; Invalid when the request itself makes no sense.
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
        _check_window(charge)
        lines = [] if quantities is None else _cost_of_lines(trip, quantities)
        if lines:
            amount = sum((line.amount for line in lines), money.ZERO)
        left = charge.captured - charge.committed
        wanted = _check_amount(left if amount is None else amount, left, charge.currency)
        refund, is_new = Refund.objects.get_or_create(
            refund_request_id=refund_request_id,
            defaults={
                "charge": charge,
                "amount": wanted,
                "currency": charge.currency,
                "reason": reason,
                "note": note,
                "requested_by": actor,
                "next_attempt_at": Now(),
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
    """Staff have a failed refund sent again, with its key. Raises Conflict when the money is no longer there."""
    with transaction.atomic():
        charge = Charge.locked(refund.charge_id)
        refund = Refund.locked(refund.pk)
        if refund.state != RefundState.FAILED:
            raise Conflict(f"Only a failed refund can be sent again; this one is {refund.get_state_display()}.")
        _check_window(charge)
        _check_amount(refund.amount, charge.captured - charge.committed, charge.currency)
        given = refunded_quantities(charge.trip)
        for part in refund.lines.select_related("line"):
            _check_quantity(part.line, part.quantity, given[part.line_id])
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
    call.save()
    with transaction.atomic():
        charge = Charge.locked(refund.charge_id)
        refund = Refund.locked(pk, lease_count=lease_count)
        _settle(charge, refund, answer)
        refund.save()
        if refund.state == RefundState.DONE:
            take_points_back(charge, refund)


def refunded_quantities(trip: Trip, *, without: uuid.UUID | None = None) -> dict[int, Decimal]:
    """How much of each line (by pk) is refunded or on its way back, leaving out the refund with the key `without`."""
    given = RefundLine.objects.filter(line__trip=trip, refund__state__in=NOT_FAILED)
    if without:
        given = given.exclude(refund__refund_request_id=without)
    rows = given.values("line")
    return defaultdict(Decimal, {row["line"]: row["given"] for row in rows.annotate(given=Sum("quantity"))})


def quantities_of_skus(
    trip: Trip, wanted: Mapping[str, Decimal], *, refund_request_id: uuid.UUID
) -> dict[int, Decimal]:
    """Which lines (by pk) stand for so much of these SKUs: where a SKU has several lines, the first ones first.

    Raises Invalid for a SKU that is not in the trip and Conflict when less of it is left.
    """
    given = refunded_quantities(trip, without=refund_request_id)
    lines = list(trip.lines.select_related("product"))
    quantities: dict[int, Decimal] = {}
    for sku, quantity in wanted.items():
        of_sku = [line for line in lines if sku in {line.sku, line.product_sku}]
        if not of_sku:
            raise Invalid(f"“{sku}” is not in this trip.", field="lines")
        missing = quantity
        for line in of_sku:
            part = min(missing, line.quantity - given[line.pk])
            if part > 0:
                quantities[line.pk] = part
                missing -= part
        if missing > 0:
            raise Conflict(f"Of {sku} only {quantity - missing:f} can still be refunded.", field="lines")
    return quantities


def line_refund(line: Line, already: Decimal, quantity: Decimal) -> Decimal:
    """What `quantity` of the line gives back after `already` of it was: the parts add up to the whole line."""
    return _share(line, already + quantity) - _share(line, already)


def refund_ends_at(charge: Charge, window_days: int) -> datetime | None:
    """Until when Amazon refunds (refund_charge), counted from the capture; None before it."""
    return charge.captured_at and charge.captured_at + timedelta(days=window_days)


def _share(line: Line, quantity: Decimal) -> Decimal:
    whole: Decimal = line.total or money.ZERO
    return money.rounded(whole * quantity / line.quantity, line.trip.currency) if line.quantity else money.ZERO


def _locked_charge(trip: Trip) -> Charge:
    """The trip's charge, locked: whoever else wants to refund this trip waits here."""
    charge = Charge.objects.select_for_update(of=("self",)).select_related("trip__store").filter(trip=trip).first()
    if charge is None or charge.trip.state not in HAS_CAPTURE:
        raise Conflict("Nothing was captured for this trip, so nothing can be refunded.")
    return charge


def _cost_of_lines(trip: Trip, quantities: Mapping[int, Decimal]) -> list[RefundLine]:
    given = refunded_quantities(trip)
    lines = {line.pk: line for line in Line.objects.filter(trip=trip).select_related("trip")}
    costs = []
    for pk, quantity in quantities.items():
        line = lines.get(pk)
        if line is None:
            raise Invalid("This line is not part of the trip.", field="lines")
        if quantity <= 0:
            raise Invalid(f"The quantity of {line.sku} must be more than 0.", field="lines")
        _check_quantity(line, quantity, given[pk])
        costs.append(RefundLine(line=line, quantity=quantity, amount=line_refund(line, given[pk], quantity)))
    return costs


def _check_quantity(line: Line, quantity: Decimal, already: Decimal) -> None:
    left = line.quantity - already
    if quantity > left:
        raise Conflict(
            f"Of {line.sku} {left.normalize():f} can still be refunded, not {quantity.normalize():f}.", field="lines"
        )


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


def _check_window(charge: Charge) -> None:
    days = charge.trip.store.refund_window_days
    ends_at = refund_ends_at(charge, days)
    if ends_at is None or datetime.now(UTC) > ends_at:
        raise Conflict(f"The refund window of {days} days after the capture has ended.")


def _check_amount(amount: Decimal, left: Decimal, currency: str) -> Decimal:
    if left <= 0:
        raise Conflict("All that was captured is refunded or on its way back.", field="amount")
    if amount <= 0:
        raise Invalid("The amount must be more than 0.", field="amount")
    if not money.is_exact(amount, currency):
        raise Invalid(f"{currency} has {money.decimals(currency)} decimals.", field="amount")
    if amount > left:
        raise Conflict(f"At most {Money(left, currency)} can be refunded now.", field="amount")
    return amount


def _commit(charge: Charge, refund: Refund, actor: str) -> None:
    _move_committed(charge, refund.amount)
    detail = " – ".join(filter(None, [refund.get_reason_display(), refund.note]))
    record(charge, Kind.REFUND, Phase.REQUESTED, key=refund.event_key, amount=refund.amount, actor=actor, detail=detail)


def _move_committed(charge: Charge, amount: Decimal) -> None:
    """Compare and set, so that no refund is forgotten even should the lock on the charge not hold."""
    seen, charge.committed = charge.committed, charge.committed + amount
    if not Charge.objects.filter(pk=charge.pk, committed=seen).update(committed=charge.committed):
        raise Conflict("Somebody else refunded something of this trip just now. Look again.")


def _call(refund: Refund) -> tuple[Refunded | AmazonError, OutboundCall]:
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
        record(charge, Kind.REFUND, Phase.SUCCEEDED, key=key, amount=amount, actor="Amazon")
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
        _move_committed(charge, -amount)
        record(charge, Kind.REFUND, Phase.FAILED, key=key, amount=amount, actor="Amazon", detail=str(answer))


def _record_silence(charge: Charge, refund: Refund, detail: str) -> None:
    record(charge, Kind.REFUND, Phase.UNKNOWN, key=refund.event_key, amount=refund.amount, detail=detail)


def _may_be_done(charge: Charge, refund: Refund) -> bool:
    """Whether some try was sent and stayed without an answer."""
    return charge.events.filter(kind=Kind.REFUND, phase=Phase.UNKNOWN, key=refund.event_key).exists()
