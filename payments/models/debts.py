"""What shoppers still owe, and how they settled it."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django_fsm import FSMField, FSMModelMixin, transition

from core.fields import AmountField, CurrencyField
from payments.models.at_store import StoreOfCharge
from payments.models.charges import Charge
from payments.states import DebtState, SettlementMeans


class Debt(FSMModelMixin, models.Model):
    """What a shopper owes for a trip: first the total less what was captured, then what is left of that."""

    charge = models.OneToOneField(
        Charge, on_delete=models.PROTECT, related_name="debt", editable=False, verbose_name=_("charge")
    )
    store = StoreOfCharge()
    state = FSMField(_("state"), choices=DebtState.choices, default=DebtState.OPEN, protected=True, editable=False)
    amount = AmountField(_("amount"), editable=False, help_text=_("As it was opened."))
    owed = AmountField(_("owed"), editable=False, help_text=_("What is left of it."))
    lowered = AmountField(
        _("lowered"), default=0, db_default=0, editable=False, help_text=_("By so much, since staff adjusted the trip.")
    )
    currency = CurrencyField(_("currency"), editable=False)
    shopper_id = models.CharField(
        _("shopper id"),
        max_length=255,
        blank=True,
        editable=False,
        help_text=_("Amazon's id of whoever owes; asked for at the gate."),
    )
    opened_at = models.DateTimeField(_("opened at"), db_default=Now(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["shopper_id"], name="debt_by_shopper", condition=~Q(shopper_id="")),
            models.Index(fields=["state", "-id"], name="debt_by_state"),
            # Both, because the list shows the open ones unless it is told otherwise.
            models.Index(fields=["store", "state", "-id"], name="debt_by_store_and_state"),
            models.Index(fields=["store", "-id"], name="debt_by_store"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="debt_positive"),
            models.CheckConstraint(condition=Q(owed__gte=0, owed__lte=F("amount")), name="debt_never_over_settled"),
            models.CheckConstraint(condition=~Q(state="settled") | Q(owed=0), name="settled_debt_owes_nothing"),
        ]
        permissions = [
            ("settle_debt", gettext_noop("Can note that a debt was paid in the store")),
            ("waive_debt", gettext_noop("Can waive a debt")),
            ("write_off_debt", gettext_noop("Can write a debt off")),
        ]
        verbose_name = _("debt")
        verbose_name_plural = _("debts")

    def __str__(self) -> str:
        return f"debt of {self.charge.trip}"

    @transition(field=state, source=[DebtState.OPEN, DebtState.WRITTEN_OFF], target=DebtState.SETTLED)
    def settle(self) -> None: ...

    @transition(field=state, source=DebtState.OPEN, target=DebtState.WRITTEN_OFF)
    def write_off(self) -> None: ...


class DebtSettlement(models.Model):
    """A part of a debt that was paid in the store, or waived. Append-only; its key makes a double click one row."""

    debt = models.ForeignKey(Debt, on_delete=models.PROTECT, related_name="settlements", editable=False)
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(db_default=Now(), editable=False)
    means = models.CharField(max_length=10, choices=SettlementMeans.choices, editable=False)
    amount = AmountField(editable=False)
    currency = CurrencyField(editable=False)
    note = models.TextField(blank=True, editable=False)
    actor = models.CharField(max_length=150, editable=False)

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="debt_settlement_positive")]

    def __str__(self) -> str:
        return f"{self.get_means_display()} for {self.debt}"
