"""Receipts that the retailer gives."""

import secrets

from django.db import models
from django_fsm import FSMField, FSMModelMixin, transition

from core.work import WorkRow, due_index
from payments.models.charges import Charge
from payments.states import ReceiptState

S = ReceiptState


def new_token() -> str:
    """For an address that nobody can guess."""
    return secrets.token_urlsafe(24)


class Receipt(FSMModelMixin, WorkRow):
    """The receipt of a trip whose money was taken: a page at /receipts/{token}/, and an e-mail that is sent once."""

    charge = models.OneToOneField(Charge, on_delete=models.PROTECT, related_name="receipt", editable=False)
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    state = FSMField(choices=S.choices, default=S.WAITING, protected=True, editable=False)
    email = models.EmailField("e-mail", blank=True, editable=False, help_text="Where it was sent to.")
    sent_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        indexes = [due_index("receipt_due"), models.Index(fields=["state", "-id"], name="receipt_by_state")]
        permissions = [("resend_receipt", "Can have a receipt sent again")]

    def __str__(self) -> str:
        return f"receipt of {self.charge.trip}"

    @transition(field=state, source=S.WAITING, target=S.SENDING)
    def start_sending(self) -> None: ...

    @transition(field=state, source=S.SENDING, target=S.WAITING)
    def put_off(self) -> None:
        """The mail server was not reached, or said that it did not take it."""

    @transition(field=state, source=S.SENDING, target=S.SENT)
    def finish(self) -> None: ...

    @transition(field=state, source=S.SENDING, target=S.UNKNOWN)
    def lose_sight(self) -> None: ...

    @transition(field=state, source=[S.WAITING, S.SENDING], target=S.FAILED)
    def fail(self) -> None: ...

    @transition(field=state, source=S.WAITING, target=S.NO_ADDRESS)
    def lack_address(self) -> None: ...

    @transition(field=state, source=[S.SENT, S.UNKNOWN, S.NO_ADDRESS, S.FAILED], target=S.WAITING)
    def send_again(self) -> None: ...
