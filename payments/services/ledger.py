"""Writing money events: append-only, each once; and what of a charge is promised back."""

from decimal import Decimal

from django.utils.translation import gettext as _

from core import writes
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
    writes.insert(event, unless=("charge", "kind", "phase", "key"))


def recorded(
    charge: Charge, kind: PaymentEvent.Kind, *phases: PaymentEvent.Phase, key: str = ""
) -> PaymentEvent | None:
    """The first such event with this key, or of this round; None where there is none."""
    writes.write_now()
    return charge.events.filter(kind=kind, phase__in=phases, key=key or str(charge.rounds)).first()


def move_committed(charge: Charge, amount: Decimal) -> None:
    """Compare and set, so that no refund is forgotten even should the lock on the charge not hold."""
    seen, charge.committed = charge.committed, charge.committed + amount
    if not Charge.objects.filter(pk=charge.pk, committed=seen).update(committed=charge.committed):
        raise Conflict(_("Somebody else refunded something of this trip just now. Look again."))
