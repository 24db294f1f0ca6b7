"""“Approve” and “Do not approve” for a refund above the store's limit, and “Withdraw” for whoever asked."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.languages import Words
from core.money import Money
from payments.admin.refund_action import RefundActionView, facts_of, worth
from payments.services.refund_approval import (
    approval_obstacle,
    approve_refund,
    reject_refund,
    rejection_obstacle,
    withdraw_refund,
    withdrawal_obstacle,
)

RIGHT = "payments.approve_refund"


class ApproveRefundView(RefundActionView):
    url_name = "approve_refund"
    right = RIGHT
    title = gettext_lazy("Approve the refund")

    def question(self) -> dict[str, Any]:
        refund = self.refund()
        charge, amount = refund.charge, worth(refund)
        return {
            "question": _("Approve the refund of %(amount)s?") % {"amount": amount},
            "facts": [
                *facts_of(refund),
                (_("Note"), refund.note or "–"),
                (_("Captured"), Money(charge.captured, charge.currency)),
                (_("Given back without it"), Money(charge.committed - refund.amount, charge.currency)),
                (_("Given back with it"), Money(charge.committed, charge.currency)),
            ],
            "explanation": _("It is sent at once, and the shopper gets the money back."),
            "obstacle": approval_obstacle(refund, self.request.user.get_username()),
            "button": _("Approve %(amount)s") % {"amount": amount},
        }

    def act(self, actor: str) -> Words:
        refund = self.refund()
        approve_refund(refund, actor=actor)
        return format_lazy(gettext_lazy("Refund of {worth} approved."), worth=worth(refund))


class NoteForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("for your colleagues"),
        max_length=1000,
        widget=forms.Textarea(attrs={"class": "bo-input", "rows": 2}),
    )


class RejectRefundView(RefundActionView):
    url_name = "reject_refund"
    right = RIGHT
    title = gettext_lazy("Do not approve the refund")
    form_class = NoteForm

    def question(self) -> dict[str, Any]:
        refund = self.refund()
        amount = worth(refund)
        return {
            "question": _("Do not approve the refund of %(amount)s?") % {"amount": amount},
            "facts": [*facts_of(refund), (_("Note"), refund.note or "–")],
            "explanation": _("Nothing is given back, and the amount can be refunded again."),
            "obstacle": rejection_obstacle(refund),
            "button": _("Do not approve %(amount)s") % {"amount": amount},
        }

    def act(self, actor: str) -> Words:
        refund = self.refund()
        reject_refund(refund, actor=actor, note=self.form.cleaned_data["note"])
        return format_lazy(gettext_lazy("Refund of {worth} not approved."), worth=worth(refund))


class WithdrawRefundView(RefundActionView):
    url_name = "withdraw_refund"
    right = "payments.request_refund"
    title = gettext_lazy("Withdraw the refund")

    def question(self) -> dict[str, Any]:
        refund = self.refund()
        amount = worth(refund)
        return {
            "question": _("Withdraw the refund of %(amount)s?") % {"amount": amount},
            "facts": [*facts_of(refund), (_("Note"), refund.note or "–")],
            "explanation": _("It is not sent, nothing is given back, and the amount can be refunded again."),
            "obstacle": withdrawal_obstacle(refund, self.request.user.get_username()),
            "button": _("Withdraw %(amount)s") % {"amount": amount},
        }

    def act(self, actor: str) -> Words:
        refund = self.refund()
        withdraw_refund(refund, actor=actor)
        return format_lazy(gettext_lazy("Refund of {worth} withdrawn."), worth=worth(refund))
