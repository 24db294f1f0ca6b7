"""Receipts that the retailer gives."""

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django_fsm import transition

from core.seen import Seen, unseen_index
from core.work import due_index
from payments.models.at_store import StoreOfCharge
from payments.models.charges import Charge
from payments.models.mailings import Mailing
from payments.states import ReceiptState

S = ReceiptState


def new_token() -> str:
    """For an address that nobody can guess."""
    return secrets.token_urlsafe(24)


class Receipt(Mailing, Seen):
    """The receipt of a trip whose money was taken: a page at /receipts/{token}/, and an e-mail that is sent once."""

    charge = models.OneToOneField(
        Charge, on_delete=models.PROTECT, related_name="receipt", editable=False, verbose_name=_("charge")
    )
    store = StoreOfCharge()
    token = models.CharField(_("token"), max_length=64, unique=True, default=new_token, editable=False)

    class Meta:
        indexes = [
            due_index("receipt_due"),
            models.Index(fields=["state", "-id"], name="receipt_by_state"),
            models.Index(fields=["store", "-id"], name="receipt_by_store"),
            unseen_index("receipt_failed_unseen", Q(state=S.FAILED)),
            unseen_index("receipt_failed_at_store", Q(state=S.FAILED), at_store=True),
        ]
        permissions = [("resend_receipt", gettext_noop("Can have a receipt sent again"))]
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")

    def __str__(self) -> str:
        return f"receipt of {self.charge.trip}"

    @transition(field="state", source=[S.SENT, S.UNKNOWN, S.NO_ADDRESS, S.FAILED], target=S.WAITING)
    def send_again(self) -> None:
        self.mark_unseen()
