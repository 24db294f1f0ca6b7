"""The money side of a trip, and every money event."""

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django_fsm import FSMField, FSMModelMixin, transition

from core.fields import AmountField, CurrencyField
from core.indexes import AppendedIndex
from core.request_ids import RequestIdField
from core.work import WorkRow, due_index
from orders.acts import StoreOfAct, act_indexes
from orders.models import Trip
from payments.states import ChargeState
from stores.models import PaymentFlow, Processor

S = ChargeState


class Charge(FSMModelMixin, WorkRow):
    """The money side of one trip. Due while somebody has to be asked something.

    `captured`, `settled` (paid otherwise, or waived) and `committed` (refunded or on its way back) repeat what the
    events say, so that the database itself refuses to take or to give back too much, whatever a program does.
    """

    LOCKED_FIRST = ("trip",)

    trip = models.OneToOneField(Trip, on_delete=models.PROTECT, related_name="charge", editable=False)
    flow = models.CharField(
        max_length=20,
        choices=PaymentFlow.choices,
        editable=False,
        help_text="As the store had it when the trip was priced.",
    )
    processor = models.CharField(
        max_length=20, choices=Processor.choices, blank=True, editable=False, help_text="Empty: Amazon collects."
    )
    state = FSMField(choices=S.choices, default=S.PENDING, protected=True, editable=False)
    currency = CurrencyField(editable=False)
    amount = AmountField(editable=False, help_text="What is to be collected.")
    authorized = AmountField(default=0, editable=False)
    captured = AmountField(default=0, editable=False)
    settled = AmountField(default=0, editable=False, help_text="Of a debt: paid otherwise, or waived.")
    committed = AmountField(default=0, editable=False)
    captured_at = models.DateTimeField(null=True, editable=False)
    remote_id = models.CharField(
        max_length=300, blank=True, editable=False, help_text="Who took the money calls it so: an order, a payment."
    )
    rounds = models.PositiveSmallIntegerField(default=1, editable=False, help_text="How often collecting was begun.")
    asked_at = models.DateTimeField(
        null=True, editable=False, help_text="When somebody was asked who has not answered yet."
    )

    class Meta:
        indexes = [due_index("charge_due")]
        constraints = [
            models.CheckConstraint(condition=Q(committed__gte=0), name="charge_committed_not_negative"),
            models.CheckConstraint(condition=Q(committed__lte=F("captured")), name="charge_never_over_refunded"),
            models.CheckConstraint(condition=Q(captured__lte=F("authorized")), name="charge_never_over_captured"),
            models.CheckConstraint(
                # To within half of the last decimal a column holds: SQLite subtracts in floating point.
                condition=Q(settled__gte=0, settled__lt=F("amount") - F("captured") + Decimal("0.00005")),
                name="charge_never_over_settled",
            ),
        ]
        permissions = [
            ("retry_charge", gettext_noop("Can have the money asked for again")),
            ("resolve_charge", gettext_noop("Can say what became of a charge or a refund whose outcome is unknown")),
            ("adjust_trip", gettext_noop("Can change what a trip's items are and cost")),
            ("reconcile", gettext_noop("Can compare the money with the books of whoever took it")),
        ]
        verbose_name = _("charge")
        verbose_name_plural = _("charges")

    def __str__(self) -> str:
        return f"charge of {self.trip}"

    @property
    def outstanding(self) -> Decimal:
        """What is neither taken nor settled otherwise."""
        outstanding: Decimal = self.amount - self.captured - self.settled
        return outstanding

    @property
    def collector(self) -> str:
        """Who is asked for the money, as staff know them."""
        return self.get_processor_display() if self.processor else "Amazon"

    @classmethod
    def for_update(cls) -> QuerySet[Self]:
        """With its trip, whose state follows the charge's. The oldest trip first, as whoever gives trips their member
        locks them."""
        charges = cls.objects.select_related("trip__store", "trip__member").order_by("trip_id")
        return charges.select_for_update(of=("self", "trip"))

    def retry_after_fault(self, error: str) -> None:
        """A capture may still be on its way: nobody looks it up before it must have ended."""
        self.retry(error, after=settings.CAPTURE_LOOKUP_DELAY_SECONDS if self.state == S.CAPTURING else None)

    @transition(field=state, source=[S.PENDING, S.ADJUSTING], target=S.ADJUSTING)
    def start_adjusting(self) -> None: ...

    @transition(field=state, source=S.ADJUSTING, target=S.AUTHORIZED)
    def authorize(self) -> None: ...

    @transition(field=state, source=S.AUTHORIZED, target=S.CAPTURING)
    def start_capturing(self) -> None: ...

    @transition(field=state, source=[S.PENDING, S.CAPTURING, S.UNKNOWN], target=S.CAPTURING)
    def start_taking(self) -> None:
        """One call takes the money, and its key makes it safe to send again: checkout service, own processor."""

    @transition(field=state, source=[S.CAPTURING, S.UNKNOWN], target=S.PENDING)
    def put_taking_off(self) -> None:
        """Such a call never left, or it was found out that it took nothing."""

    @transition(field=state, source=[S.CAPTURING, S.UNKNOWN], target=S.AUTHORIZED)
    def put_capture_off(self) -> None:
        """It is certain that Amazon has not acted: the capture may simply be sent again."""

    @transition(field=state, source=[S.CAPTURING, S.UNKNOWN], target=S.UNKNOWN)
    def lose_sight(self) -> None: ...

    @transition(field=state, source=[S.CAPTURING, S.UNKNOWN], target=S.CAPTURED)
    def capture(self) -> None: ...

    @transition(field=state, source=[S.CAPTURING, S.UNKNOWN], target=S.PARTLY_CAPTURED)
    def capture_partly(self) -> None: ...

    @transition(field=state, source=[S.ADJUSTING, S.CAPTURING, S.UNKNOWN, S.FAILED], target=S.DECLINED)
    def decline(self) -> None: ...

    @transition(field=state, source=[S.PENDING, S.CANCELLING], target=S.CANCELLING)
    def start_cancelling(self) -> None: ...

    @transition(field=state, source=[S.PENDING, S.CANCELLING], target=S.CANCELLED)
    def cancel(self) -> None: ...

    @transition(field=state, source=[S.ADJUSTING, S.CAPTURING, S.CANCELLING], target=S.EXPIRED)
    def expire(self) -> None: ...

    @transition(field=state, source=[S.ADJUSTING, S.CAPTURING, S.UNKNOWN, S.CANCELLING], target=S.FAILED)
    def fail(self) -> None: ...

    @transition(field=state, source=[S.PENDING, S.ADJUSTING, S.AUTHORIZED], target=S.PENDING)
    def change_amount(self) -> None:
        """Nothing has been taken, and another amount is to be asked for."""

    @transition(field=state, source=[S.FAILED, S.DECLINED], target=S.PENDING)
    def start_again(self) -> None:
        """Only a refusal ends in `failed` or `declined`, so nothing has been taken."""


class PaymentEvent(models.Model):
    """What was asked for and what came of it. Append-only; balances are computed from these rows."""

    class Kind(models.TextChoices):
        ADJUST = "adjust", _("authorization")
        CAPTURE = "capture", _("capture")
        CANCEL = "cancel", _("release of the hold")
        REFUND = "refund", _("refund")
        DEBT = "debt", _("debt")
        RETRY = "retry", _("retry")
        FEEDBACK = "feedback", _("report to Amazon")

    class Phase(models.TextChoices):
        REQUESTED = "requested", _("requested")
        PENDING = "pending", _("pending")
        SUCCEEDED = "succeeded", _("done")
        DECLINED = "declined", _("declined")
        UNKNOWN = "unknown", _("outcome unknown")
        EXPIRED = "expired", _("expired")
        FAILED = "failed", _("refused")
        OPENED = "opened", _("opened")
        PAID = "paid", _("paid")
        WAIVED = "waived", _("waived")
        WRITTEN_OFF = "written_off", _("written off")
        LOWERED = "lowered", _("lowered")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("not approved")
        WITHDRAWN = "withdrawn", _("withdrawn")
        DISPROVED = "disproved", _("found not to have happened")

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=150, default="system")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    phase = models.CharField(max_length=12, choices=Phase.choices)
    key = models.CharField(max_length=60, help_text="Tells apart what may happen more than once, as two refunds.")
    amount = AmountField(null=True)
    currency = CurrencyField()
    detail = models.TextField(blank=True)
    store = StoreOfAct()
    request_id = RequestIdField()

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(
                fields=["at"],
                name="money_moved_by_time",
                condition=Q(kind__in=["capture", "refund"], phase="succeeded"),
            ),
            # Of few charges, so that taking money does not pay for it.
            models.Index(
                fields=["at"],
                name="refund_or_debt_by_time",
                condition=Q(
                    kind__in=["refund", "debt"],
                    phase__in=["succeeded", "opened", "paid", "waived", "lowered", "written_off"],
                ),
            ),
            AppendedIndex(fields=["at"], name="money_event_by_time"),
            *act_indexes("money_event"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["charge", "kind", "phase", "key"], name="money_event_happens_once"),
            models.UniqueConstraint(
                fields=["charge"], condition=Q(kind="capture", phase="succeeded"), name="one_capture_per_charge"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.get_phase_display()}"
