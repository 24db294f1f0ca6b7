"""Refunds of the demo's past, with the events that sending them would have left (payments.services.refunds)."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from random import Random

from demo.charges import Kind, PastCharge, Phase
from demo.visits import Visit
from orders.models import Line
from payments.models import Refund, RefundLine
from payments.services.refunds import line_refund
from payments.states import RefundReason, RefundState

REFUSED = "Amazon answered 400 BadRequestException."
NO_ANSWER = "Amazon answered 500 Internal Server Error."
NOTES = ("", "", "Shown at the counter.", "Shopper wrote to us.", "Packaging was open.")
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
        reason=random.choice(RefundReason.values),
        note=random.choice(NOTES),
        requested_by=random.choice(["associate", "associate", "manager", "API"]),
        requested_at=past.at,
        lease_count=1,
    )
    for line in given:
        line.refund = refund
    if plan.state != RefundState.FAILED:
        charge.committed = amount
    if plan.state in STILL_OPEN:
        refund.next_attempt_at = now
    _record(refund, past, random)
    return PastRefund(refund, given)


def _lines(random: Random, lines: list[Line]) -> list[RefundLine]:
    line = random.choice(lines)
    quantity = line.quantity if line.unit == "kg" else Decimal(1)
    return [RefundLine(line=line, quantity=quantity, amount=line_refund(line, Decimal(), quantity))]


def _amount(share: str, captured: Decimal) -> Decimal:
    return captured if share == "all" else min(Decimal("1.00"), captured)


def _record(refund: Refund, past: PastCharge, random: Random) -> None:
    key, amount = refund.event_key, refund.amount
    detail = " – ".join(filter(None, [refund.get_reason_display(), refund.note]))
    past.record(Kind.REFUND, Phase.REQUESTED, amount, actor=refund.requested_by, key=key, detail=detail, seconds=0)
    match refund.state:
        case RefundState.DONE:
            refund.reconciliation_id = f"{random.getrandbits(48):012X}"
            past.record(Kind.REFUND, Phase.SUCCEEDED, amount, actor="Amazon", key=key, seconds=2)
        case RefundState.FAILED:
            refund.last_error = REFUSED
            past.record(Kind.REFUND, Phase.FAILED, amount, actor="Amazon", key=key, detail=REFUSED, seconds=2)
        case RefundState.UNKNOWN:
            refund.last_error, refund.failed_attempts = NO_ANSWER, 3
            past.record(Kind.REFUND, Phase.UNKNOWN, amount, key=key, detail=NO_ANSWER, seconds=2)
