"""What happened to a trip, in order: one stream of orders' and payments' events."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from orders.models import Trip, TripEvent


@dataclass(frozen=True, slots=True)
class Event:
    """`kind` is a word for programs such as `capture_succeeded`, `label` one for people; `amount` is in the trip's
    currency."""

    at: datetime
    actor: str
    kind: str
    label: str
    amount: Decimal | None
    detail: str


def events_of(trip: Trip) -> list[Event]:
    """Oldest first, without the notes that staff leave for each other.

    Reads only what payments.services.trips.with_money has fetched.
    """
    lines = "1 line" if trip.item_count == 1 else f"{trip.item_count} lines"
    events = [Event(trip.received_at, "Amazon", "received", "cart received", None, lines)]
    events += [
        Event(event.at, event.actor, event.kind, event.get_kind_display(), event.amount, event.detail)
        for event in trip.events.all()
        if event.kind != TripEvent.Kind.NOTED
    ]
    if charge := getattr(trip, "charge", None):
        events += [
            Event(event.at, event.actor, f"{event.kind}_{event.phase}", str(event), event.amount, event.detail)
            for event in charge.events.all()
        ]
    return sorted(events, key=lambda event: event.at)
