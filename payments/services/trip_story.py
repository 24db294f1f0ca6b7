"""All that happened to a trip as staff read it: the gate, the cart, the money, each call, notes and e-mails."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amazon.models import InboundCall, OutboundCall
from core.languages import Words
from core.money import Money
from loyalty.models import Scan
from orders.models import Trip, TripEvent
from payments.balances import Balances, after_each
from payments.models import DashCartCharge, GateDecision, PaymentEvent, RefundNotice
from payments.services.story_calls import Attempts, attempt_of, together
from payments.services.story_words import COLLECTING, MANUAL, TONE_BY_ENDING, WORDS
from payments.states import ChargeState, ReceiptState
from stores.models import PaymentFlow, Processor


class ActorKind(StrEnum):
    PERSON = "person"
    AMAZON = "Amazon"
    SYSTEM = "system"
    OUTSIDE = "outside"  # a processor, or the retailer's own systems


_OUTSIDE = {"API", *Processor.labels}
_SYSTEM = {"system", "fallback", "gate rules"}
# That no answer came, or none that is final: what follows are further attempts.
_DECIDES_NOTHING = ("_unknown", "_pending")
# The order in which balances stand on the trip's page.
_BALANCES = {
    "authorized": gettext_lazy("Authorized"),
    "captured": gettext_lazy("Captured"),
    "refunded": gettext_lazy("Refunded"),
    "refund_pending": gettext_lazy("Refund on its way"),
    "outstanding": gettext_lazy("Outstanding"),
    "refundable": gettext_lazy("Refundable"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What an entry changed."""

    name: Words
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `tone` is success, warning, danger or empty.

    `references` are ids of others, by their names. `attempts` are calls that we made; `scan`, `decision` and `inbound`
    are rows with a page of their own. A `note` is for colleagues alone.
    """

    at: datetime
    actor: str
    title: Words
    amount: Money | None = None
    detail: str = ""
    tone: str = ""
    kind: str = ""
    request_id: str = ""
    is_manual: bool = False
    changes: tuple[Change, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    attempts: Attempts | None = None
    rows: Mapping[str, Any] = field(default_factory=dict)
    goes_on: bool = False

    @property
    def actor_kind(self) -> ActorKind:
        return actor_kind(self.actor)

    @property
    def key(self) -> str:
        """Of what can be opened, so that it stays open while the page refreshes itself."""
        return f"{self.kind}-{self.at.timestamp()}"


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of a trip besides itself, its charge and their events."""

    calls: Iterable[OutboundCall] = ()
    inbound: Iterable[InboundCall] = ()
    scans: Iterable[Scan] = ()
    decisions: Iterable[GateDecision] = ()
    dash_cart: DashCartCharge | None = None


def story(trip: Trip, currency: str, beside: Beside) -> list[Entry]:
    """Newest first. What has the same time came about in this order: gate, cart, trip, money, calls, e-mails.

    Reads only what payments.services.trips.with_money has fetched.
    """
    entries = [_of_scan(scan) for scan in beside.scans]
    entries += [_of_decision(decision) for decision in beside.decisions]
    entries += [_of_inbound(call) for call in beside.inbound]
    entries.append(_of_cart(trip))
    entries += [_of_trip_event(event, currency) for event in trip.events.all()]
    entries += _of_money(trip, currency)
    entries += _of_dash_cart(beside.dash_cart) if beside.dash_cart else []
    entries += [_of_call(call) for call in beside.calls]
    entries += _of_mails(trip)
    told = _marked_where_a_request_goes_on(_folded(sorted(entries, key=lambda entry: entry.at), _due(trip)))
    return told[::-1]


def actor_kind(actor: str) -> ActorKind:
    if actor in _SYSTEM:
        return ActorKind.SYSTEM
    if actor == "Amazon":
        return ActorKind.AMAZON
    return ActorKind.OUTSIDE if actor in _OUTSIDE else ActorKind.PERSON


def _of_scan(scan: Scan) -> Entry:
    is_at_gate = scan.kind == Scan.Kind.IDENTITY
    title = _("Code %(code)s presented at the gate") if is_at_gate else _("Code %(code)s presented inside")
    return Entry(
        at=scan.at,
        actor="Amazon",
        title=title % {"code": scan.shown},
        detail=scan.reason,
        tone="" if scan.is_accepted else "danger",
        kind="scan",
        rows={"scan": scan},
    )


def _of_decision(decision: GateDecision) -> Entry:
    hold = decision.held if decision.adjusted_to is None else decision.adjusted_to
    return Entry(
        at=decision.decided_at,
        actor="fallback" if decision.is_fallback else "gate rules",
        title=_("Let in at the gate") if decision.is_authorized else _("Refused at the gate"),
        amount=None if hold is None else Money(hold, decision.currency),
        detail=" ".join(decision.reasons),
        tone="success" if decision.is_authorized else "danger",
        kind="decision",
        rows={"decision": decision},
    )


def _of_inbound(call: InboundCall) -> Entry:
    replayed, called = _("Replayed %(endpoint)s: %(status)s"), _("Amazon called %(endpoint)s: %(status)s")
    return Entry(
        at=call.at,
        actor="system" if call.is_replay else "Amazon",
        title=(replayed if call.is_replay else called) % {"endpoint": call.endpoint, "status": call.status},
        tone="" if call.status < 400 else "danger",
        kind="inbound",
        references=((_("Request id"), call.request_id),) if call.request_id else (),
        rows={"inbound": call},
    )


def _of_cart(trip: Trip) -> Entry:
    lines = ngettext("%(count)s line", "%(count)s lines", trip.item_count) % {"count": trip.item_count}
    references = ((_("Request id"), trip.request_id),)
    return Entry(trip.received_at, "Amazon", WORDS["received"], detail=lines, kind="received", references=references)


def _of_trip_event(event: TripEvent, currency: str) -> Entry:
    return Entry(
        at=event.at,
        actor=event.actor,
        title=WORDS.get(event.kind, capfirst(event.get_kind_display())),
        amount=None if event.amount is None else Money(event.amount, currency),
        detail=event.detail,
        tone=_tone(event.kind),
        kind=event.kind,
        request_id="" if event.kind == TripEvent.Kind.NOTED else event.request_id,
    )


def _of_money(trip: Trip, currency: str) -> list[Entry]:
    charge = getattr(trip, "charge", None)
    if charge is None:
        return []
    events = list(charge.events.all())
    refunds = {str(refund.refund_request_id): refund for refund in charge.refunds.all()}
    taken = charge.remote_id
    entries, before = [], Balances.zero(currency)
    for event, after in zip(events, after_each(events, currency), strict=True):
        kind = f"{event.kind}_{event.phase}"
        references: list[tuple[str, str]] = []
        if refund := refunds.get(event.key.partition("/")[0]):
            references.append((_("Refund id"), str(refund.refund_request_id)))
            if event.phase == PaymentEvent.Phase.SUCCEEDED and refund.reconciliation_id:
                references.append((_("Reconciliation id"), refund.reconciliation_id))
        elif kind == "capture_succeeded" and taken:
            references.append((_("Id at %(collector)s") % {"collector": charge.collector}, taken))
        entries.append(
            Entry(
                at=event.at,
                actor=event.actor,
                title=WORDS.get(kind, capfirst(str(event))),
                amount=None if event.amount is None else Money(event.amount, event.currency),
                detail=event.detail,
                tone=_tone(event.phase),
                kind=kind,
                request_id=event.request_id,
                is_manual=kind in MANUAL and actor_kind(event.actor) == ActorKind.PERSON,
                changes=_changes(before, after),
                references=tuple(references),
            )
        )
        before = after
    return entries


def _changes(before: Balances, after: Balances) -> tuple[Change, ...]:
    return tuple(
        Change(words, str(getattr(before, name)), str(getattr(after, name)))
        for name, words in _BALANCES.items()
        if getattr(before, name) != getattr(after, name)
    )


def _of_dash_cart(charge: DashCartCharge) -> list[Entry]:
    entries = []
    if charge.auth_token:
        named = _("Dash Cart: house account of %(member)s named") % {"member": charge.member}
        entries.append(Entry(charge.held_at, "Amazon", named))
    if charge.ended_at and charge.amount is not None:
        title = _("Taken from the house account of %(member)s") % {"member": charge.member}
        entries.append(Entry(charge.ended_at, "Amazon", title, Money(charge.amount, charge.currency), tone="success"))
    elif charge.ended_at:
        entries.append(Entry(charge.ended_at, "Amazon", _("Dash Cart: cancelled, nothing is held")))
    return entries


def _of_call(call: OutboundCall) -> Entry:
    attempts = together([attempt_of(call)], {})
    tone = attempts.last.reading.tone
    return Entry(
        at=call.at,
        actor="system",
        title=attempts.title,
        amount=attempts.last.amount,
        tone="" if tone in {"success", "info"} else tone,
        kind="call",
        references=((_("Reference"), attempts.last.reference),) if attempts.last.reference else (),
        attempts=attempts,
    )


def _of_mails(trip: Trip) -> list[Entry]:
    charge = getattr(trip, "charge", None)
    if charge is None:
        return []
    entries = []
    receipt = getattr(charge, "receipt", None)
    if receipt is not None and receipt.sent_at:
        entries.append(Entry(receipt.sent_at, "system", _("Receipt sent by e-mail"), kind="mail"))
    for refund in charge.refunds.all():
        notice: RefundNotice | None = getattr(refund, "notice", None)
        if notice is not None and notice.state == ReceiptState.SENT and notice.sent_at:
            amount = Money(refund.amount, refund.currency)
            entries.append(Entry(notice.sent_at, "system", _("E-mail about the refund sent"), amount, kind="mail"))
    return entries


def _tone(ending: str) -> str:
    return TONE_BY_ENDING.get(ending.rpartition("_")[2], "")


def _due(trip: Trip) -> dict[str, datetime]:
    """By operation, when it will be tried again."""
    charge = getattr(trip, "charge", None)
    if charge is None:
        return {}
    # A capture without an answer is never sent again: what comes next is a look at the card's data.
    is_looked_up = charge.state == ChargeState.UNKNOWN and charge.flow == PaymentFlow.PAYMENT_SERVICE
    rows = [
        (getattr(charge, "card", None), ("transactional-data",)),
        (charge, ("transactional-data",) if is_looked_up else COLLECTING),
    ]
    rows += [(refund, ("refund",)) for refund in charge.refunds.all()]
    rows += [(report, ("feedback",)) for report in charge.feedback.all()]
    rows.append((getattr(charge, "receipt", None), ("shopper-identity",)))
    return {
        operation: row.next_attempt_at
        for row, operations in rows
        if row is not None and row.next_attempt_at and row.failed_attempts
        for operation in operations
    }


def _folded(entries: Iterable[Entry], due: Mapping[str, datetime]) -> list[Entry]:
    """Calls for the same thing between which nothing was decided become one entry, at the time of the last."""
    told: list[Entry] = []
    since_then: dict[str, Entry] = {}
    for entry in entries:
        if entry.attempts is None:
            told.append(entry)
            if not entry.kind.endswith(_DECIDES_NOTHING):
                since_then.clear()
            continue
        operation = entry.attempts.operation
        if before := since_then.pop(operation, None):
            told.remove(before)
            earlier = before.attempts.all if before.attempts else []
            entry = replace(entry, attempts=together([*earlier, *entry.attempts.all], {}))
        since_then[operation] = entry
        told.append(entry)
    return _with_next_attempts(told, due)


def _with_next_attempts(told: list[Entry], due: Mapping[str, datetime]) -> list[Entry]:
    """The last entry of each operation says when it is tried again."""
    last = {entry.attempts.operation: place for place, entry in enumerate(told) if entry.attempts}
    for place in last.values():
        attempts = told[place].attempts
        if attempts is not None:
            told[place] = replace(told[place], attempts=together(attempts.all, due))
    return told


def _marked_where_a_request_goes_on(entries: list[Entry]) -> list[Entry]:
    """An entry that the same request wrote as the one before it says so."""
    marked = entries[:1]
    for before, entry in pairwise(entries):
        goes_on = bool(entry.request_id) and entry.request_id == before.request_id
        marked.append(replace(entry, goes_on=True) if goes_on else entry)
    return marked
