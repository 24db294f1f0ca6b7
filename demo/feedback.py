"""Reports to Amazon of the demo's past: what sending them would have left (payments.services.feedback)."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from core import money
from core.money import Money
from demo.charges import FORBIDDEN, SERVER_ERROR, Kind, PastCharge, Phase
from demo.visits import Visit
from payments.models import FeedbackReport, PaymentEvent
from payments.states import ChargeState, FeedbackState, RefundState
from stores.models import PaymentFlow

CAUSES: dict[tuple[str, str], str] = {
    (Kind.CAPTURE, Phase.SUCCEEDED): "captured",
    (Kind.ADJUST, Phase.DECLINED): "declined",
    (Kind.ADJUST, Phase.EXPIRED): "expired",
    (Kind.DEBT, Phase.PAID): "debt settled",
    (Kind.DEBT, Phase.WAIVED): "debt waived",
}
REJECTED = "Amazon answered Rejected."
TROUBLES = {FeedbackState.REJECTED: (Phase.REJECTED, REJECTED), FeedbackState.FAILED: (Phase.FAILED, FORBIDDEN)}
TROUBLED_SHARE = 0.006
# Of a trip whose refund is still open, the report is open in the same way.
STILL_OPEN = {
    RefundState.QUEUED: FeedbackState.PLANNED,
    RefundState.SENT: FeedbackState.SENT,
    RefundState.UNKNOWN: FeedbackState.RETRYING,
}


def past_reports(visit: Visit, past: PastCharge, now: datetime) -> list[FeedbackReport]:
    """One for each change of what is settled. Adds what came of them to the events of `past`."""
    charge, random = past.charge, Random(f"reports of {visit.amazon_trip_id}")
    reports: list[FeedbackReport] = []
    if charge.flow == PaymentFlow.CHECKOUT_SERVICE:
        return reports
    settled = money.ZERO
    for at, cause, amount in _changes(past):
        settled += amount
        report = FeedbackReport(
            charge=charge,
            number=len(reports) + 1,
            state=_state(visit, random),
            cause=cause,
            total=charge.amount,
            settled=settled,
            currency=charge.currency,
            at=at,
        )
        _send(report, past, now)
        reports.append(report)
    return reports


def _changes(past: PastCharge) -> list[tuple[datetime, str, Decimal]]:
    """When, why, and how much more is settled since."""
    if past.charge.state == ChargeState.CANCELLED:
        return [(past.at, "no charge", money.ZERO)]
    return [
        (event.at, CAUSES[event.kind, event.phase], event.amount or money.ZERO)
        for event in past.events
        if (event.kind, event.phase) in CAUSES
        # What a card that declines allows of the total is captured next.
        and not (event.kind == Kind.ADJUST and event.amount)
    ]


def _state(visit: Visit, random: Random) -> FeedbackState:
    if visit.refund is not None and visit.refund.state in STILL_OPEN:
        return STILL_OPEN[visit.refund.state]
    return random.choice(list(TROUBLES)) if random.random() < TROUBLED_SHARE else FeedbackState.ACCEPTED


def _send(report: FeedbackReport, past: PastCharge, now: datetime) -> None:
    if report.state == FeedbackState.PLANNED:
        report.next_attempt_at = now
        return
    report.lease_count = 1
    match report.state:
        case FeedbackState.SENT:
            report.next_attempt_at = now
        case FeedbackState.RETRYING:
            report.next_attempt_at, report.last_error, report.failed_attempts = now, SERVER_ERROR, 3
        case FeedbackState.ACCEPTED:
            detail = f"Settled of {Money(report.total, report.currency)}: {report.cause}."
            _end(report, past, Phase.SUCCEEDED, detail)
        case _:
            phase, report.last_error = TROUBLES[FeedbackState(report.state)]
            _end(report, past, phase, report.last_error)


def _end(report: FeedbackReport, past: PastCharge, phase: PaymentEvent.Phase, detail: str) -> None:
    past.events.append(
        PaymentEvent(
            charge=report.charge,
            at=report.at + timedelta(seconds=1.2),
            actor="Amazon",
            kind=Kind.FEEDBACK,
            phase=phase,
            key=f"{report.number}/{report.lease_count}",
            amount=report.settled,
            currency=report.currency,
            detail=detail,
        )
    )
