"""All that happened to a trip as staff read it: the timeline in whole words, with each call to Amazon in its place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from amazon.models import OutboundCall
from core.money import Money
from orders.models import Trip
from payments.models import DashCartCharge, GateDecision
from payments.services.timeline import Event, events_of

_WORDS = {
    "received": "Cart received",
    "diverged": "Another cart received for this trip",
    "held": "Held for review",
    "product_chosen": "Product chosen",
    "priced": "Priced",
    "deadline_near": "Near the deadline, and not collected yet",
    "adjust_requested": "Authorization requested",
    "adjust_pending": "Amazon has not decided about the authorization yet",
    "adjust_succeeded": "Authorized",
    "adjust_declined": "Declined by the card; this much may be captured",
    "adjust_failed": "Authorization refused",
    "adjust_expired": "Expired: the card's token has ended",
    "capture_requested": "Capture requested",
    "capture_succeeded": "Captured",
    "capture_declined": "Declined",
    "capture_unknown": "Capture sent, no answer came",
    "capture_failed": "Capture refused",
    "capture_disproved": "Found not to have been taken",
    "capture_expired": "Expired: the card's token has ended",
    "cancel_requested": "Release of the hold requested",
    "cancel_succeeded": "Hold released, nothing was charged",
    "cancel_failed": "Release of the hold refused",
    "cancel_expired": "Expired: the card's token has ended",
    "refund_requested": "Refund requested",
    "refund_approved": "Refund approved",
    "refund_rejected": "Refund not approved",
    "refund_succeeded": "Refunded",
    "refund_unknown": "Refund sent, no answer came",
    "refund_failed": "Refund refused",
    "refund_disproved": "Found not to have been refunded",
    "debt_opened": "Debt opened",
    "debt_paid": "Debt paid",
    "debt_waived": "Debt waived",
    "debt_written_off": "Debt written off; it is still owed",
    "retry_requested": "Collected again from the start",
    "feedback_succeeded": "Payment status reported",
    "feedback_rejected": "Payment status reported; Amazon rejected it",
    "feedback_failed": "Report of the payment status refused",
    "feedback_requested": "Payment status to be reported again",
}
_TONE_BY_ENDING = {
    "succeeded": "success",
    "paid": "success",
    "declined": "warning",
    "unknown": "warning",
    "diverged": "warning",
    "rejected": "warning",
    "held": "warning",
    "near": "warning",
    "disproved": "warning",
    "expired": "danger",
    "failed": "danger",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `tone` is success, warning, danger or empty; `call` is a call to Amazon."""

    at: datetime
    actor: str
    title: str
    amount: Money | None = None
    detail: str = ""
    tone: str = ""
    call: OutboundCall | None = None


def story(
    trip: Trip,
    calls: Iterable[OutboundCall],
    currency: str,
    *,
    decisions: Iterable[GateDecision] = (),
    dash_cart: DashCartCharge | None = None,
) -> list[Entry]:
    """Oldest first. What has the same time stands in this order: gate, trip, money, calls."""
    entries = [_of_decision(decision) for decision in decisions]
    entries += [_of_event(event, currency) for event in events_of(trip)]
    entries += _of_dash_cart(dash_cart) if dash_cart else []
    entries += _of_receipt(trip)
    entries += [_of_call(call) for call in calls]
    return sorted(entries, key=lambda entry: entry.at)


def _of_decision(decision: GateDecision) -> Entry:
    hold = decision.held if decision.adjusted_to is None else decision.adjusted_to
    return Entry(
        at=decision.decided_at,
        actor="fallback" if decision.is_fallback else "gate rules",
        title="Let in at the gate" if decision.is_authorized else "Refused at the gate",
        amount=None if hold is None else Money(hold, decision.currency),
        detail=" ".join(decision.reasons),
        tone="success" if decision.is_authorized else "danger",
    )


def _of_dash_cart(charge: DashCartCharge) -> list[Entry]:
    entries = []
    if charge.auth_token:
        entries.append(Entry(charge.held_at, "Amazon", f"Dash Cart: house account of {charge.member} named"))
    if charge.ended_at and charge.amount is not None:
        title = f"Taken from the house account of {charge.member}"
        entries.append(Entry(charge.ended_at, "Amazon", title, Money(charge.amount, charge.currency), tone="success"))
    elif charge.ended_at:
        entries.append(Entry(charge.ended_at, "Amazon", "Dash Cart: cancelled, nothing is held"))
    return entries


def _of_receipt(trip: Trip) -> list[Entry]:
    receipt = getattr(getattr(trip, "charge", None), "receipt", None)
    return [Entry(receipt.sent_at, "system", "Receipt sent by e-mail")] if receipt and receipt.sent_at else []


def _of_event(event: Event, currency: str) -> Entry:
    return Entry(
        at=event.at,
        actor=event.actor,
        title=_WORDS.get(event.kind, event.label),
        amount=None if event.amount is None else Money(event.amount, currency),
        detail=event.detail,
        tone=_TONE_BY_ENDING.get(event.kind.rpartition("_")[2], ""),
    )


def _of_call(call: OutboundCall) -> Entry:
    is_good = call.status is not None and call.status < 300
    return Entry(
        at=call.at,
        actor="system",
        # A processor's operation names the processor itself.
        title=f"Called {call.operation}" if ":" in call.operation else f"Called Amazon: {call.operation}",
        detail=call.error,
        tone="" if is_good else "danger" if call.status else "warning",
        call=call,
    )
