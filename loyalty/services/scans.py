"""The record of what was presented: one row per scan, and the same answer to the same call for ever."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Q

from core.statements import fetch_all
from loyalty.models import Scan
from stores.connector import unknown_store
from stores.models import Store

# A store that we do not know, and a scan that we know already, insert nothing.
_INSERT = """
    INSERT INTO loyalty_scan (kind, request_id, event_id, store_id, member_id, shown, location, at,
                              is_accepted, reason, resolved_id, resolved_type)
    SELECT %s, %s, %s, id, %s, %s, %s, %s, %s, %s, %s, %s FROM stores_store WHERE external_id = %s
    ON CONFLICT DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Presented:
    """A code that was held to a scanner: which call says so, where and when. `text` is what the code says."""

    kind: Scan.Kind
    request_id: str
    event_id: str
    store_id: str
    location: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What Amazon is answered: whom the code stands for, and whether it is accepted. `reason` is for staff alone."""

    is_accepted: bool
    id: str = ""
    type: str = ""
    member_id: int | None = None
    reason: str = ""


def record(presented: Presented, outcome: Outcome) -> Outcome:
    """Keep the scan, and return what its first call was answered. Raises Malformed for an unknown store."""
    values = [
        str(presented.kind),
        presented.request_id,
        presented.event_id,
        outcome.member_id,
        _end(presented.text),
        presented.location[:20],
        presented.at,
        outcome.is_accepted,
        outcome.reason,
        outcome.id,
        outcome.type,
        presented.store_id,
    ]
    if fetch_all(_INSERT, values):
        return outcome
    first = _first_call(presented)
    return Outcome(first.is_accepted, first.resolved_id, first.resolved_type, first.member_id, first.reason)


def _first_call(presented: Presented) -> Scan:
    """The scan that this call tells of again, by its own id or, at the gate, by that of the event."""
    same = Q(request_id=presented.request_id)
    if presented.kind == Scan.Kind.IDENTITY:
        same |= Q(event_id=presented.event_id)
    store = Store.objects.filter(external_id=presented.store_id)
    scans = Scan.objects.filter(same, Exists(store), kind=presented.kind)
    first = max(scans, key=lambda scan: scan.request_id == presented.request_id, default=None)
    if first is None:
        raise unknown_store(presented.store_id)
    return first


def _end(text: str) -> str:
    """As much of a code as tells it from others in a list, and never the most of it."""
    return f"…{text[-min(4, len(text) // 2) :]}" if len(text) > 1 else "…"
