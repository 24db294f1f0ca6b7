"""Why money is given back, in the words of the shop."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.history import History
from payments.states import ReasonCode


class RefundReason(models.Model):
    """What staff choose from. Refunds keep the words that were chosen, so these may change."""

    label = models.CharField(
        _("label"), max_length=100, unique=True, help_text=_("As staff read it, such as “Wrong price”.")
    )
    code = models.CharField(
        _("Amazon's code"),
        max_length=20,
        choices=ReasonCode.choices,
        help_text=_("What Amazon is told: its list is fixed."),
    )
    is_active = models.BooleanField(_("in use"), default=True, help_text=_("Staff are offered what is in use."))
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("The lowest is offered first."))

    history = History()

    class Meta:
        ordering = ["position", "label"]
        verbose_name = _("refund reason")
        verbose_name_plural = _("refund reasons")

    def __str__(self) -> str:
        return self.label
