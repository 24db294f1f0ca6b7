"""“Try again” for a charge that was refused or declined, and “Send again” for a refund that was refused."""

from typing import Any

from django.http import Http404

from core.money import Money
from payments.admin.refund_action import RefundActionView, facts_of, worth
from payments.admin.trip_action import ConfirmActionView
from payments.models import Charge
from payments.services.collection import retry_charge, retry_obstacle
from payments.services.refunds import retry_refund
from payments.states import RefundState


class RetryChargeView(ConfirmActionView):
    url_name = "retry_charge"
    right = "payments.retry_charge"
    title = "Collect again"

    def question(self) -> dict[str, Any]:
        charge = self._charge()
        amount = Money(charge.outstanding, charge.currency)
        return {
            "question": f"Ask for {amount} again?",
            "facts": [
                ("The answer was", charge.last_error or charge.get_state_display()),
                ("The trip cost", Money(charge.amount, charge.currency)),
                ("Taken so far", Money(charge.captured, charge.currency)),
                ("Settled otherwise", Money(charge.settled, charge.currency)),
                ("To collect", amount),
            ],
            "explanation": "Collecting starts from the beginning. A refusal takes no money, so the shopper is not "
            "charged twice.",
            "obstacle": retry_obstacle(charge),
            "button": f"Ask for {amount} again",
        }

    def act(self, actor: str) -> str:
        charge = self._charge()
        retry_charge(charge, actor=actor)
        return f"{Money(charge.outstanding, charge.currency)} will be asked for again."

    def _charge(self) -> Charge:
        charge = Charge.objects.select_related("debt").filter(trip=self.trip).first()
        if charge is None:
            raise Http404("This trip has no charge.")
        return charge


class RetryRefundView(RefundActionView):
    url_name = "retry_refund"
    right = "payments.request_refund"
    title = "Send the refund again"

    def question(self) -> dict[str, Any]:
        refund = self.refund()
        amount = worth(refund)
        has_failed = refund.state == RefundState.FAILED
        return {
            "question": f"Send the refund of {amount} again?",
            "facts": [("The answer was", refund.last_error or "–"), *facts_of(refund)],
            "explanation": "It is sent with the same refund id, so it is never refunded twice.",
            "obstacle": "" if has_failed else f"This refund has not failed: it is {refund.get_state_display()}.",
            "button": f"Send {amount} again",
        }

    def act(self, actor: str) -> str:
        refund = self.refund()
        retry_refund(refund, actor=actor)
        return f"Refund of {worth(refund)} queued again."
