"""“Try again” for a charge and “Send again” for a refund that Amazon refused."""

from typing import Any

from django.http import Http404

from core.money import Money
from payments.admin.trip_action import ConfirmActionView
from payments.models import Charge, Refund
from payments.services.collection import retry_charge
from payments.services.refunds import retry_refund
from payments.states import ChargeState, RefundState


class RetryChargeView(ConfirmActionView):
    url_name = "retry_charge"
    right = "payments.retry_charge"
    title = "Collect again"

    def question(self) -> dict[str, Any]:
        charge = self._charge()
        amount = Money(charge.amount, charge.currency)
        return {
            "question": f"Have Amazon asked for {amount} again?",
            "facts": [
                ("Amazon's last words", charge.last_error or "–"),
                ("To collect", amount),
                ("Taken so far", Money(charge.captured, charge.currency)),
            ],
            "explanation": "Collecting starts from the beginning: authorization, then capture. "
            "A refusal takes no money, so the shopper is not charged twice.",
            "obstacle": _obstacle(charge, "charge", charge.state == ChargeState.FAILED),
            "button": f"Try again for {amount}",
        }

    def act(self, actor: str) -> str:
        charge = self._charge()
        retry_charge(charge, actor=actor)
        return f"Amazon will be asked for {Money(charge.amount, charge.currency)} again."

    def _charge(self) -> Charge:
        charge = Charge.objects.filter(trip=self.trip).first()
        if charge is None:
            raise Http404("This trip has no charge.")
        return charge


class RetryRefundView(ConfirmActionView):
    url_name = "retry_refund"
    right = "payments.request_refund"
    title = "Send the refund again"

    def question(self) -> dict[str, Any]:
        refund = self._refund()
        amount = Money(refund.amount, refund.currency)
        return {
            "question": f"Send the refund of {amount} again?",
            "facts": [
                ("Amazon's last words", refund.last_error or "–"),
                ("Reason", refund.get_reason_display()),
                ("Asked for by", refund.requested_by),
                ("Refund id", refund.refund_request_id),
            ],
            "explanation": "It is sent with the same refund id, so Amazon never refunds it twice.",
            "obstacle": _obstacle(refund, "refund", refund.state == RefundState.FAILED),
            "button": f"Send {amount} again",
        }

    def act(self, actor: str) -> str:
        refund = self._refund()
        retry_refund(refund, actor=actor)
        return f"Refund of {Money(refund.amount, refund.currency)} queued again."

    def _refund(self) -> Refund:
        refund = Refund.objects.filter(pk=self.kwargs["refund_pk"], charge__trip=self.trip).first()
        if refund is None:
            raise Http404("This trip has no such refund.")
        return refund


def _obstacle(row: Charge | Refund, noun: str, has_failed: bool) -> str:
    return "" if has_failed else f"This {noun} has not failed: it is {row.get_state_display()}."
