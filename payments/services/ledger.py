"""Writing money events: append-only, each once; and what of a charge is promised back."""

from decimal import Decimal

from core.errors import Conflict
from payments.models import Charge, PaymentEvent

Kind = PaymentEvent.Kind
Phase = PaymentEvent.Phase


def record(
    charge: Charge,
    kind: PaymentEvent.Kind,
    phase: PaymentEvent.Phase,
    *,
    key: str = "",
    amount: Decimal | None = None,
    actor: str = "system",
    detail: str = "",
) -> None:
    """Write the event unless it stands already: a step that is worked on twice leaves one event."""
    event = PaymentEvent(
        charge=charge,
        kind=kind,
        phase=phase,
        key=key or str(charge.rounds),
        amount=amount,
        currency=charge.currency,
        actor=actor,
        detail=detail,
    )
    # One statement that writes nothing new over the same event, and still fails on any other constraint.
    same = ["charge", "kind", "phase", "key"]
    PaymentEvent.objects.bulk_create([event], update_conflicts=True, unique_fields=same, update_fields=["key"])


def move_committed(charge: Charge, amount: Decimal) -> None:
    """Compare and set, so that no refund is forgotten even should the lock on the charge not hold."""
    seen, charge.committed = charge.committed, charge.committed + amount
    if not Charge.objects.filter(pk=charge.pk, committed=seen).update(committed=charge.committed):
        raise Conflict("Somebody else refunded something of this trip just now. Look again.")
