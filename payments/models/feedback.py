"""What Amazon's fraud-and-abuse service is told of a trip's payment."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django_fsm import FSMField, FSMModelMixin, transition

from amazon.models import OutboundCall
from core.fields import AmountField, CurrencyField
from core.seen import Seen, unseen_index
from core.work import WorkRow, due_index
from payments.models.at_store import StoreOfCharge
from payments.models.charges import Charge
from payments.states import FeedbackState

S = FeedbackState


class FeedbackReport(FSMModelMixin, WorkRow, Seen):
    """The payment status of a trip at one moment: what it cost and how much of that is settled by then.

    One row for each change, numbered within the trip, sent in that order: a row is due only when none before it is
    open. Amazon: fraud_abuse_feedback_api.
    """

    LOCKED_FIRST = ("charge", "charge__trip")

    charge = models.ForeignKey(
        Charge, on_delete=models.PROTECT, related_name="feedback", editable=False, verbose_name=_("charge")
    )
    store = StoreOfCharge()
    number = models.PositiveIntegerField(_("number"), editable=False)
    state = FSMField(_("state"), choices=S.choices, default=S.PLANNED, protected=True, editable=False)
    cause = models.CharField(_("cause"), max_length=100, editable=False, help_text=_("What had changed."))
    total = AmountField(_("total"), editable=False)
    settled = AmountField(_("settled"), editable=False, help_text=_("In all, not since the report before."))
    currency = CurrencyField(_("currency"), editable=False)
    at = models.DateTimeField(_("at"), editable=False, help_text=_("When it was so: paymentStatusTime."))
    last_call = models.ForeignKey(
        OutboundCall,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("last call"),
    )

    class Meta:
        ordering = ["charge", "number"]
        indexes = [
            due_index("feedback_due"),
            models.Index(fields=["state", "-id"], name="feedback_by_state"),
            models.Index(fields=["store", "-id"], name="feedback_by_store"),
            unseen_index("feedback_not_taken_unseen", Q(state__in=[S.REJECTED, S.FAILED])),
            unseen_index("feedback_not_taken_at_store", Q(state__in=[S.REJECTED, S.FAILED]), at_store=True),
        ]
        constraints = [
            models.UniqueConstraint(fields=["charge", "number"], name="one_feedback_report_per_number"),
            models.CheckConstraint(
                condition=Q(settled__gte=0, settled__lte=F("total")), name="feedback_settles_at_most"
            ),
        ]
        verbose_name = _("report to Amazon")
        verbose_name_plural = _("reports to Amazon")
        permissions = [("resend_feedbackreport", gettext_noop("Can have a report sent to Amazon again"))]

    def __str__(self) -> str:
        return f"report {self.number} of {self.charge.trip}"

    @property
    def outstanding(self) -> Decimal:
        outstanding: Decimal = self.total - self.settled
        return outstanding

    @transition(field=state, source=[S.PLANNED, S.SENT, S.RETRYING], target=S.SENT)
    def start_sending(self) -> None: ...

    @transition(field=state, source=S.SENT, target=S.RETRYING)
    def put_off(self) -> None: ...

    @transition(field=state, source=S.SENT, target=S.ACCEPTED)
    def accept(self) -> None: ...

    @transition(field=state, source=S.SENT, target=S.REJECTED)
    def reject(self) -> None: ...

    @transition(field=state, source=S.SENT, target=S.FAILED)
    def fail(self) -> None: ...

    @transition(field=state, source=[S.REJECTED, S.FAILED], target=S.PLANNED)
    def plan_again(self) -> None:
        self.mark_unseen()
