"""The money side of a trip, and every money event."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django_fsm import FSMField, FSMModelMixin, transition

from core.fields import AmountField, CurrencyField
from core.work import WorkRow, due_index
from orders.models import Trip
from payments.states import ChargeState

S = ChargeState


class Charge(FSMModelMixin, WorkRow):
    """The money side of one trip. Due while Amazon has to be asked something.

    `captured` and `committed` (refunded or on its way back) repeat what the events say, so that the database itself
    refuses a refund beyond what was captured, whatever a program does.
    """

    trip = models.OneToOneField(Trip, on_delete=models.PROTECT, related_name="charge", editable=False)
    state = FSMField(choices=S.choices, default=S.PENDING, protected=True, editable=False)
    currency = CurrencyField(editable=False)
    amount = AmountField(editable=False, help_text="What is to be collected.")
    authorized = AmountField(default=0, editable=False)
    captured = AmountField(default=0, editable=False)
    committed = AmountField(default=0, editable=False)
    captured_at = models.DateTimeField(null=True, editable=False)
    rounds = models.PositiveSmallIntegerField(default=1, editable=False, help_text="How often collecting was begun.")

    class Meta:
        indexes = [due_index("charge_due")]
        constraints = [
            models.CheckConstraint(condition=Q(committed__gte=0), name="charge_committed_not_negative"),
            models.CheckConstraint(condition=Q(committed__lte=F("captured")), name="charge_never_over_refunded"),
            models.CheckConstraint(condition=Q(captured__lte=F("authorized")), name="charge_never_over_captured"),
        ]
        permissions = [("retry_charge", "Can have Amazon asked again for a charge that failed")]

    def __str__(self) -> str:
        return f"charge of {self.trip}"

    def retry_after_fault(self, error: str) -> None:
        """A capture may still be on its way: nobody looks it up before it must have ended."""
        self.retry(error, after=settings.CAPTURE_LOOKUP_DELAY_SECONDS if self.state == S.CAPTURING else None)

    @transition(field=state, source=[S.PENDING, S.ADJUSTING], target=S.ADJUSTING)
    def start_adjusting(self) -> None: ...

    @transition(field=state, source=S.ADJUSTING, target=S.AUTHORIZED)
    def authorize(self) -> None: ...

    @transition(field=state, source=S.AUTHORIZED, target=S.CAPTURING)
    def start_capturing(self) -> None: ...

    @transition(field=state, source=[S.CAPTURING, S.UNKNOWN], target=S.AUTHORIZED)
    def put_capture_off(self) -> None:
        """It is certain that Amazon has not acted: the capture may simply be sent again."""

    @transition(field=state, source=[S.CAPTURING, S.UNKNOWN], target=S.UNKNOWN)
    def lose_sight(self) -> None: ...

    @transition(field=state, source=[S.CAPTURING, S.UNKNOWN], target=S.CAPTURED)
    def capture(self) -> None: ...

    @transition(field=state, source=[S.CAPTURING, S.UNKNOWN], target=S.PARTLY_CAPTURED)
    def capture_partly(self) -> None: ...

    @transition(field=state, source=S.ADJUSTING, target=S.DECLINED)
    def decline(self) -> None: ...

    @transition(field=state, source=[S.PENDING, S.CANCELLING], target=S.CANCELLING)
    def start_cancelling(self) -> None: ...

    @transition(field=state, source=S.CANCELLING, target=S.CANCELLED)
    def cancel(self) -> None: ...

    @transition(field=state, source=[S.ADJUSTING, S.CAPTURING, S.CANCELLING], target=S.EXPIRED)
    def expire(self) -> None: ...

    @transition(field=state, source=[S.ADJUSTING, S.CAPTURING, S.CANCELLING], target=S.FAILED)
    def fail(self) -> None: ...

    @transition(field=state, source=S.FAILED, target=S.PENDING)
    def start_again(self) -> None:
        """Only a refusal ends in `failed`, so nothing has been taken."""


class PaymentEvent(models.Model):
    """What was asked of Amazon and what came of it. Append-only; balances are computed from these rows."""

    class Kind(models.TextChoices):
        ADJUST = "adjust", "authorization"
        CAPTURE = "capture", "capture"
        CANCEL = "cancel", "release of the hold"
        REFUND = "refund", "refund"
        DEBT = "debt", "debt"
        RETRY = "retry", "retry"

    class Phase(models.TextChoices):
        REQUESTED = "requested", "requested"
        PENDING = "pending", "pending"
        SUCCEEDED = "succeeded", "done"
        DECLINED = "declined", "declined"
        UNKNOWN = "unknown", "outcome unknown"
        EXPIRED = "expired", "expired"
        FAILED = "failed", "refused"
        OPENED = "opened", "opened"

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=150, default="system")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    phase = models.CharField(max_length=10, choices=Phase.choices)
    key = models.CharField(max_length=60, help_text="Tells apart what may happen more than once, as two refunds.")
    amount = AmountField(null=True)
    currency = CurrencyField()
    detail = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["charge", "kind", "phase", "key"], name="money_event_happens_once"),
            models.UniqueConstraint(
                fields=["charge"], condition=Q(kind="capture", phase="succeeded"), name="one_capture_per_charge"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.get_phase_display()}"
