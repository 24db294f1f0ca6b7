"""What shoppers still owe."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.fields import AmountField, CurrencyField
from payments.models.charges import Charge


class Debt(models.Model):
    """What a shopper still owes for a trip: the total less what was captured."""

    charge = models.OneToOneField(Charge, on_delete=models.PROTECT, related_name="debt", editable=False)
    amount = AmountField(editable=False)
    currency = CurrencyField(editable=False)
    shopper_id = models.CharField(
        max_length=255, blank=True, editable=False, help_text="Amazon's id of whoever owes; asked for at the gate."
    )
    opened_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["shopper_id"], name="debt_by_shopper", condition=~Q(shopper_id=""))]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="debt_positive")]

    def __str__(self) -> str:
        return f"debt of {self.charge.trip}"
