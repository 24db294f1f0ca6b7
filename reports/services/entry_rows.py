"""Who was at the gate on a day, and what became of the carts that came."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Case, CharField, Count, F, Q, Value, When
from django.db.models.fields.json import KeyTextTransform

from loyalty.models import MemberKind, Scan
from orders.states import TripState
from payments.models import GateDecision
from reports.models import Door, EntryDay, VisitDay
from reports.refusals import plain_reason
from reports.services.hours import past_the_hour, utc_hour
from reports.services.same_day import SameDay

_DOORS = {Scan.Kind.IDENTITY: Door.CODE, Scan.Kind.LOYALTY: Door.LOYALTY}


class _Kind(NamedTuple):
    store_id: int
    hour: datetime
    door: str
    is_accepted: bool
    is_associate: bool
    is_fallback: bool
    reason: str


def entry_days(same: SameDay) -> Iterator[EntryDay]:
    found: Counter[_Kind] = Counter()
    for kind, number in (*_scans(same), *_decisions(same)):
        found[kind] += number
    for kind, number in found.items():
        yield EntryDay(day=same.day, entries=number, **kind._asdict())


def _scans(same: SameDay) -> Iterator[tuple[_Kind, int]]:
    """Counted when Amazon asked: its own clock's times may lie anywhere."""
    span = same.span
    scans = Scan.objects.filter(**same.within("received_at", "store")).order_by()
    groups = scans.values(
        "store", "kind", "is_accepted", "resolved_type", "reason", began=utc_hour("received_at", span)
    )
    for group in groups.annotate(number=Count("pk")):
        is_accepted = group["is_accepted"]
        kind = _Kind(
            store_id=group["store"],
            hour=group["began"] + past_the_hour(span),
            door=_DOORS[Scan.Kind(group["kind"])],
            is_accepted=is_accepted,
            is_associate=is_accepted and group["resolved_type"] == MemberKind.ASSOCIATE,
            is_fallback=False,
            reason="" if is_accepted else plain_reason(group["reason"]),
        )
        yield kind, group["number"]


def _decisions(same: SameDay) -> Iterator[tuple[_Kind, int]]:
    """Of several reasons the first one counts."""
    span = same.span
    decisions = GateDecision.objects.filter(**same.within("decided_at", "store")).order_by()
    why: Any = Case(
        When(is_authorized=False, then=KeyTextTransform(0, "reasons")), default=Value(""), output_field=CharField()
    )
    groups = decisions.values("store", "is_authorized", "is_fallback", why=why, began=utc_hour("decided_at", span))
    for group in groups.annotate(number=Count("pk")):
        is_accepted = group["is_authorized"]
        kind = _Kind(
            store_id=group["store"],
            hour=group["began"] + past_the_hour(span),
            door=Door.CARD,
            is_accepted=is_accepted,
            is_associate=False,
            is_fallback=group["is_fallback"],
            reason="" if is_accepted else plain_reason(group["why"]),
        )
        yield kind, group["number"]


# A cart that a Dash Cart pays for has no flow, and stays priced.
_UNCHARGED = Q(state=TripState.COLLECTING) | Q(state=TripState.PRICED, charge__flow__gt="")


def visit_days(same: SameDay) -> Iterator[VisitDay]:
    span = same.span
    counts: dict[str, Any] = {
        "trips": Count("pk"),
        "purchases": Count("pk", filter=Q(total__gt=0)),
        "empty": Count("pk", filter=Q(total=0)),
        "unpriced": Count("pk", filter=Q(state__in=[TripState.RECEIVED, TripState.REVIEW])),
        "uncharged": Count("pk", filter=_UNCHARGED),
        "expired": Count("pk", filter=Q(state=TripState.EXPIRED)),
    }
    groups: Iterable[Any] = (
        same.came().values(in_store=F("store"), began=utc_hour("received_at", span)).annotate(**counts)
    )
    for group in groups:
        hour = group["began"] + past_the_hour(span)
        yield VisitDay(store_id=group["in_store"], day=same.day, hour=hour, **{name: group[name] for name in counts})
