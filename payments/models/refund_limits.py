"""How much of a trip each role may give back."""

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import AmountField, CurrencyField
from core.history import History
from stores.models import validate_currency


class RefundLimit(models.Model):
    """The most that one person may give back of one trip by being in this group, approvals included.

    A group that may refund and has no limit in a currency may give everything in it.
    """

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="refund_limits", verbose_name=_("group"))
    currency = CurrencyField(_("currency"), validators=[validate_currency], help_text=_("Such as GBP."))
    most = AmountField(_("at most"), help_text=_("Of one trip, to one person's refunds together."))

    history = History()

    class Meta:
        ordering = ["group__name", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["group", "currency"], name="one_refund_limit_per_group_and_currency"),
            models.CheckConstraint(condition=Q(most__gte=0), name="refund_limit_not_negative"),
        ]
        verbose_name = _("refund limit")
        verbose_name_plural = _("refund limits")

    def __str__(self) -> str:
        return f"{self.group}: {self.currency} {self.most.normalize():f}"
