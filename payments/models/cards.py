"""What is known of the card that paid."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.work import WorkRow, due_index
from payments.models.charges import Charge


class CardDetails(WorkRow):
    """Brand and last four of the card, and the EMV data for a receipt. Due until Amazon has told us.

    Amazon: get_transactional_data.
    """

    charge = models.OneToOneField(Charge, on_delete=models.PROTECT, related_name="card", editable=False)
    brand = models.CharField(max_length=40, blank=True, editable=False)
    last_four = models.CharField(max_length=4, blank=True, editable=False)
    emv = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name_plural = _("card details")
        indexes = [
            due_index("card_due"),
            models.Index(fields=["last_four"], name="card_by_last_four", condition=~Q(last_four="")),
        ]
        verbose_name = _("card details")

    def __str__(self) -> str:
        return f"{self.brand} ending in {self.last_four}"
