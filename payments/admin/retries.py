"""“Try again” for a charge that was refused or declined, and “Send again” for a refund that was refused."""

from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.languages import Words
from core.money import Money
from payments.admin.charge_action import ChargeActionView
from payments.admin.refund_action import RefundActionView, facts_of, worth
from payments.services.collection import retry_charge, retry_obstacle
from payments.services.refunds import retry_refund
from payments.states import RefundState


class RetryChargeView(ChargeActionView):
    url_name = "retry_charge"
    right = "payments.retry_charge"
    title = gettext_lazy("Collect again")

    def question(self) -> dict[str, Any]:
        charge = self.charge()
        amount = Money(charge.outstanding, charge.currency)
        return {
            "question": _("Ask for %(amount)s again?") % {"amount": amount},
            "facts": [
                (_("The answer was"), charge.last_error or charge.get_state_display()),
                (_("The trip cost"), Money(charge.amount, charge.currency)),
                (_("Taken so far"), Money(charge.captured, charge.currency)),
                (_("Settled otherwise"), Money(charge.settled, charge.currency)),
                (_("To collect"), amount),
            ],
            "explanation": _(
                "Collecting starts from the beginning. A refusal takes no money, so the shopper is not charged twice."
            ),
            "obstacle": retry_obstacle(charge),
            "button": _("Ask for %(amount)s again") % {"amount": amount},
        }

    def act(self, actor: str) -> Words:
        charge = self.charge()
        retry_charge(charge, actor=actor)
        return format_lazy(
            gettext_lazy("{amount} will be asked for again."), amount=Money(charge.outstanding, charge.currency)
        )


class RetryRefundView(RefundActionView):
    url_name = "retry_refund"
    right = "payments.request_refund"
    title = gettext_lazy("Send the refund again")

    def question(self) -> dict[str, Any]:
        refund = self.refund()
        amount = worth(refund)
        has_failed = refund.state == RefundState.FAILED
        return {
            "question": _("Send the refund of %(amount)s again?") % {"amount": amount},
            "facts": [(_("The answer was"), refund.last_error or "–"), *facts_of(refund)],
            "explanation": _("It is sent with the same refund id, so it is never refunded twice."),
            "obstacle": ""
            if has_failed
            else (_("This refund has not failed: it is %(state)s.") % {"state": refund.get_state_display()}),
            "button": _("Send %(amount)s again") % {"amount": amount},
        }

    def act(self, actor: str) -> Words:
        refund = self.refund()
        retry_refund(refund, actor=actor)
        return format_lazy(gettext_lazy("Refund of {worth} queued again."), worth=worth(refund))
