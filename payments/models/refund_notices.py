"""Telling shoppers of their refunds."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.work import due_index
from payments.models.mailings import Mailing
from payments.models.refunds import Refund


class RefundNotice(Mailing):
    """The e-mail that staff asked for with a refund. Due once the money is given back: not before, and not if never."""

    refund = models.OneToOneField(Refund, on_delete=models.PROTECT, related_name="notice", editable=False)

    class Meta:
        indexes = [due_index("refund_notice_due")]
        verbose_name = _("refund notice")
        verbose_name_plural = _("refund notices")

    def __str__(self) -> str:
        return f"e-mail about {self.refund}"
