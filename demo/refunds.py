"""Refunds of the demo's past, with the events that sending them would have left (payments.services.refunds)."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from random import Random

from demo.charges import Kind, PastCharge, Phase
from demo.visits import ABOVE_THE_LIMIT, Visit
from orders.models import Line
from payments.models import Refund, RefundLine
from payments.services.refundable import line_refund
from payments.states import ReasonCode, RefundState

REFUSED = "Amazon answered 400 BadRequestException."
NOT_OURS = "The receipt is of another shop."
NO_ANSWER = "Amazon answered 500 Internal Server Error."
NOTES = ("", "", "Shown at the counter.", "Shopper wrote to us.", "Packaging was open.")
GIVES_BACK_NOTHING = {RefundState.FAILED, RefundState.REJECTED, RefundState.WITHDRAWN}
STILL_OPEN = {RefundState.QUEUED, RefundState.SENT, RefundState.UNKNOWN}


@dataclass(slots=True)
class PastRefund:
    refund: Refund
    lines: list[RefundLine]


def past_refund(visit: Visit, lines: list[Line], past: PastCharge, now: datetime) -> PastRefund | None:
    """Adds the events to `past`. None when the visit has no refund."""
    plan, random, charge = visit.refund, visit.random, past.charge
    if plan is None:
        return None
    given = _lines(random, lines) if plan.share == "line" else []
    amount = sum((line.amount for line in given), Decimal()) or _amount(plan.share, charge.captured)
    past.at += plan.delay
    refund = Refund(
        charge=charge,
        refund_request_id=uuid.UUID(int=random.getrandbits(128), version=4),
        state=plan.state,
        amount=amount,
        currency=charge.currency,
        reason=random.choice(ReasonCode.values),
        note=random.choice(NOTES),
        requested_by=_requester(random, plan.state),
        requested_at=past.at,
        lease_count=1,
    )
    for line in given:
        line.refund = refund
    if plan.state not in GIVES_BACK_NOTHING:
        charge.committed = amount
    if plan.state in STILL_OPEN:
        refund.next_attempt_at = now
    _record(refund, past, random)
    return PastRefund(refund, given)


def _lines(random: Random, lines: list[Line]) -> list[RefundLine]:
    line = random.choice(lines)
    quantity = line.quantity if line.unit == "kg" else Decimal(1)
    return [RefundLine(line=line, quantity=quantity, amount=line_refund(line, Decimal(), quantity, Decimal()))]


def _amount(share: str, captured: Decimal) -> Decimal:
    return captured if share == "all" else min(Decimal("1.00"), captured)


def _requester(random: Random, state: RefundState) -> str:
    anybody = random.choice(["associate", "associate", "manager", "API"])
    return "associate" if state in ABOVE_THE_LIMIT else anybody


def _record(refund: Refund, past: PastCharge, random: Random) -> None:
    key, amount = refund.event_key, refund.amount
    limit = refund.charge.trip.store.refund_approval_above
    needs_approval = limit is not None and amount > limit
    awaits = str(RefundState.PENDING_APPROVAL.label) if needs_approval else ""
    detail = " – ".join(filter(None, [refund.why, refund.note, awaits]))
    past.record(Kind.REFUND, Phase.REQUESTED, amount, actor=refund.requested_by, key=key, detail=detail, seconds=0)
    if needs_approval and refund.state != RefundState.PENDING_APPROVAL:
        _decide(refund, past)
    match refund.state:
        case RefundState.DONE:
            refund.reconciliation_id = f"{random.getrandbits(48):012X}"
            if past.charge.processor:
                refund.reconciliation_id = f"refund/{refund.refund_request_id}"
            past.record(Kind.REFUND, Phase.SUCCEEDED, amount, actor=past.charge.collector, key=key, seconds=2)
        case RefundState.FAILED:
            refund.last_error = REFUSED
            past.record(Kind.REFUND, Phase.FAILED, amount, actor="Amazon", key=key, detail=REFUSED, seconds=2)
        case RefundState.WITHDRAWN:
            past.record(Kind.REFUND, Phase.WITHDRAWN, amount, actor=refund.requested_by, key=key, seconds=300)
        case RefundState.UNKNOWN:
            refund.last_error, refund.failed_attempts = NO_ANSWER, 3
            past.record(Kind.REFUND, Phase.UNKNOWN, amount, key=key, detail=NO_ANSWER, seconds=2)


def _decide(refund: Refund, past: PastCharge) -> None:
    """By a second person, some minutes later (payments.services.refund_approval)."""
    refund.decided_by = "admin" if refund.requested_by == "manager" else "manager"
    phase = Phase.APPROVED
    if refund.state == RefundState.REJECTED:
        phase, refund.last_error = Phase.REJECTED, NOT_OURS
    decided = {"actor": refund.decided_by, "key": refund.event_key, "detail": refund.last_error}
    past.record(Kind.REFUND, phase, refund.amount, **decided, seconds=480)
