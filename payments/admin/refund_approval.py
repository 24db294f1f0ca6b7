"""“Approve” and “Do not approve” for a refund above the store's limit."""

from typing import Any

from django import forms

from core.money import Money
from payments.admin.refund_action import RefundActionView, facts_of, worth
from payments.services.refund_approval import approval_obstacle, approve_refund, reject_refund, rejection_obstacle

RIGHT = "payments.approve_refund"


class ApproveRefundView(RefundActionView):
    url_name = "approve_refund"
    right = RIGHT
    title = "Approve the refund"

    def question(self) -> dict[str, Any]:
        refund = self.refund()
        charge, amount = refund.charge, worth(refund)
        return {
            "question": f"Approve the refund of {amount}?",
            "facts": [
                *facts_of(refund),
                ("Note", refund.note or "–"),
                ("Captured", Money(charge.captured, charge.currency)),
                ("Given back without it", Money(charge.committed - refund.amount, charge.currency)),
                ("Given back with it", Money(charge.committed, charge.currency)),
            ],
            "explanation": "It is sent at once, and the shopper gets the money back.",
            "obstacle": approval_obstacle(refund, self.request.user.get_username()),
            "button": f"Approve {amount}",
        }

    def act(self, actor: str) -> str:
        refund = self.refund()
        approve_refund(refund, actor=actor)
        return f"Refund of {worth(refund)} approved."


class NoteForm(forms.Form):
    note = forms.CharField(
        label="Why",
        help_text="for your colleagues",
        max_length=1000,
        widget=forms.Textarea(attrs={"class": "bo-input", "rows": 2}),
    )


class RejectRefundView(RefundActionView):
    url_name = "reject_refund"
    right = RIGHT
    title = "Do not approve the refund"
    form_class = NoteForm

    def question(self) -> dict[str, Any]:
        refund = self.refund()
        amount = worth(refund)
        return {
            "question": f"Do not approve the refund of {amount}?",
            "facts": [*facts_of(refund), ("Note", refund.note or "–")],
            "explanation": "Nothing is given back, and the amount can be refunded again.",
            "obstacle": rejection_obstacle(refund),
            "button": f"Do not approve {amount}",
        }

    def act(self, actor: str) -> str:
        refund = self.refund()
        reject_refund(refund, actor=actor, note=self.form.cleaned_data["note"])
        return f"Refund of {worth(refund)} not approved."
