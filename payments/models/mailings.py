"""E-mails to shoppers: each is sent at most once, unless a person says so."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from core.work import WorkRow
from payments.states import ReceiptState

S = ReceiptState


class Mailing(FSMModelMixin, WorkRow):
    """Handing over is intent, call, outcome, as with money (docs/decisions/0014)."""

    state = FSMField(_("state"), choices=S.choices, default=S.WAITING, protected=True, editable=False)
    email = models.EmailField(_("e-mail"), blank=True, editable=False, help_text=_("Where it was sent to."))
    sent_at = models.DateTimeField(_("sent at"), null=True, editable=False)

    class Meta:
        abstract = True

    @transition(field="state", source=S.WAITING, target=S.SENDING)
    def start_sending(self) -> None: ...

    @transition(field="state", source=S.SENDING, target=S.WAITING)
    def put_off(self) -> None:
        """The mail server was not reached, or said that it did not take it."""

    @transition(field="state", source=S.SENDING, target=S.SENT)
    def finish(self) -> None: ...

    @transition(field="state", source=S.SENDING, target=S.UNKNOWN)
    def lose_sight(self) -> None: ...

    @transition(field="state", source=[S.WAITING, S.SENDING], target=S.FAILED)
    def fail(self) -> None: ...

    @transition(field="state", source=S.WAITING, target=S.NO_ADDRESS)
    def lack_address(self) -> None: ...

    def end_unknown(self, error: str) -> None:
        """Nobody knows whether the mail server took it: only a person has it sent again."""
        self.lose_sight()
        self.rest()
        self.last_error = error

    def give_up(self, error: str) -> None:
        self.fail()
        self.rest()
        self.last_error = error
