"""Somebody has looked at what went wrong with a trip, and nothing more is to be done about it: it needs a look no more.

The row stays as it is, and what happens to it again needs a look again.
"""

from typing import Any

from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.errors import Conflict
from orders.models import DivergentCart, Trip, TripEvent
from payments.models import FeedbackReport, Receipt, Refund
from payments.services.attention import OTHER_CART, RECEIPT, REFUND, REPORT
from payments.services.feedback import NOT_TAKEN
from payments.states import ReceiptState, RefundState

# By the key of the cause: what has it, the way from there to its trip, and the states in which it needs a look.
SEEABLE: dict[str, tuple[type[Any], str, tuple[str, ...]]] = {
    OTHER_CART.key: (DivergentCart, "trip", ()),
    REFUND.key: (Refund, "charge__trip", (RefundState.FAILED,)),
    REPORT.key: (FeedbackReport, "charge__trip", NOT_TAKEN),
    RECEIPT.key: (Receipt, "charge__trip", (ReceiptState.FAILED,)),
}


def find_seeable(trip: Trip, key: str, pk: int) -> Any | None:
    """A row of this trip that has, or had, the cause."""
    if key not in SEEABLE:
        return None
    model, way, _states = SEEABLE[key]
    return model._default_manager.filter(**{"pk": pk, way: trip}).first()


def seen_obstacle(key: str, row: Any) -> str:
    """Why there is nothing to look at; empty if there is."""
    states = SEEABLE[key][2]
    if states and row.state not in states:
        return _("There is nothing to look at: it is %(state)s.") % {"state": row.get_state_display()}
    return (_("%(seen_by)s has looked at it.") % {"seen_by": row.seen_by}) if row.seen_at else ""


def mark_seen(trip: Trip, key: str, row: Any, *, actor: str, note: str = "") -> None:
    """Raises Conflict when somebody else was first, or it has changed meanwhile."""
    model = SEEABLE[key][0]
    with transaction.atomic():
        row = model._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
        if obstacle := seen_obstacle(key, row):
            raise Conflict(obstacle)
        row.mark_seen(actor)
        row.save(update_fields=["seen_at", "seen_by"])
        detail = ": ".join(filter(None, [capfirst(model._meta.verbose_name_raw), note.strip()]))
        TripEvent.objects.create(trip=trip, actor=actor, kind=TripEvent.Kind.SEEN, detail=detail)
