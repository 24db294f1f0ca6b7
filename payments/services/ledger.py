"""Writing money events: append-only, each once."""

from decimal import Decimal

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
    PaymentEvent.objects.get_or_create(
        charge=charge,
        kind=kind,
        phase=phase,
        key=key or str(charge.rounds),
        defaults={"amount": amount, "currency": charge.currency, "actor": actor, "detail": detail},
    )
