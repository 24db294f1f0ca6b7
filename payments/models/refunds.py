"""Money that is given back."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django_fsm import FSMField, FSMModelMixin, transition

from core.fields import AmountField, CurrencyField
from core.seen import Seen, unseen_index
from core.work import WorkRow, due_index
from orders.models import Line
from payments.models.at_store import StoreOfCharge
from payments.models.charges import Charge
from payments.states import ReasonCode, RefundState


class Refund(FSMModelMixin, WorkRow, Seen):
    """Money given back on a captured charge. Its key is Amazon's idempotency key, the same on every try."""

    LOCKED_FIRST = ("charge", "charge__trip")

    charge = models.ForeignKey(
        Charge, on_delete=models.PROTECT, related_name="refunds", editable=False, verbose_name=_("charge")
    )
    store = StoreOfCharge()
    refund_request_id = models.UUIDField(_("refund request id"), default=uuid.uuid4, editable=False)
    state = FSMField(
        _("state"), choices=RefundState.choices, default=RefundState.QUEUED, protected=True, editable=False
    )
    amount = AmountField(_("amount"), editable=False)
    currency = CurrencyField(_("currency"), editable=False)
    reason = models.CharField(_("reason"), max_length=20, choices=ReasonCode.choices, editable=False)
    reason_label = models.CharField(
        _("reason label"),
        max_length=100,
        blank=True,
        editable=False,
        help_text=_("What staff chose, in the words of that day."),
    )
    note = models.TextField(_("note"), blank=True, editable=False)
    requested_by = models.CharField(_("requested by"), max_length=150, editable=False)
    requested_at = models.DateTimeField(_("requested at"), db_default=Now(), editable=False)
    decided_by = models.CharField(
        _("decided by"), max_length=150, blank=True, editable=False, help_text=_("Who approved it, or did not.")
    )
    rounds = models.PositiveSmallIntegerField(
        _("rounds"), default=1, editable=False, help_text=_("How often staff had it sent.")
    )
    reconciliation_id = models.CharField(_("reconciliation id"), max_length=255, blank=True, editable=False)

    class Meta:
        ordering = ["requested_at", "id"]
        indexes = [
            due_index("refund_due"),
            models.Index(fields=["state", "-id"], name="refund_by_state"),
            models.Index(fields=["store", "-id"], name="refund_by_store"),
            models.Index(fields=["amount", "-id"], name="refund_by_amount"),
            unseen_index("refund_failed_unseen", Q(state=RefundState.FAILED)),
            unseen_index("refund_failed_at_store", Q(state=RefundState.FAILED), at_store=True),
        ]
        constraints = [
            models.UniqueConstraint(fields=["refund_request_id"], name="one_refund_per_request_id"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
        ]
        permissions = [
            ("request_refund", gettext_noop("Can give a shopper money back")),
            ("refund_amount", gettext_noop("Can give back any amount, and not only items")),
            ("approve_refund", gettext_noop("Can approve a refund that somebody else asked for")),
        ]
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")

    def __str__(self) -> str:
        return f"refund {self.refund_request_id}"

    @property
    def why(self) -> str:
        return self.reason_label or self.get_reason_display()

    @property
    def event_key(self) -> str:
        """Of this round's events; a refund that failed and is sent again begins another round."""
        return f"{self.refund_request_id}/{self.rounds}"

    @property
    def first_event_key(self) -> str:
        return f"{self.refund_request_id}/1"

    @transition(field=state, source=RefundState.PENDING_APPROVAL, target=RefundState.QUEUED)
    def approve(self) -> None: ...

    @transition(field=state, source=RefundState.PENDING_APPROVAL, target=RefundState.REJECTED)
    def reject(self) -> None: ...

    @transition(field=state, source=[RefundState.PENDING_APPROVAL, RefundState.QUEUED], target=RefundState.WITHDRAWN)
    def withdraw(self) -> None: ...

    @transition(
        field=state, source=[RefundState.QUEUED, RefundState.SENT, RefundState.UNKNOWN], target=RefundState.SENT
    )
    def start_sending(self) -> None: ...

    @transition(field=state, source=RefundState.SENT, target=RefundState.QUEUED)
    def put_off(self) -> None: ...

    @transition(field=state, source=RefundState.SENT, target=RefundState.UNKNOWN)
    def lose_sight(self) -> None: ...

    @transition(field=state, source=[RefundState.SENT, RefundState.UNKNOWN], target=RefundState.DONE)
    def finish(self) -> None: ...

    @transition(field=state, source=[RefundState.SENT, RefundState.UNKNOWN], target=RefundState.FAILED)
    def fail(self) -> None: ...

    @transition(field=state, source=RefundState.FAILED, target=RefundState.QUEUED)
    def queue_again(self) -> None:
        self.mark_unseen()


class RefundLine(models.Model):
    """Which part of a line a refund gives back."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="refund_lines")
    quantity = models.DecimalField(max_digits=20, decimal_places=10)
    amount = AmountField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refund", "line"], name="one_row_per_refund_and_line"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="refund_line_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.line}"
