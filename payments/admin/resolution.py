"""“Say what became of it”, for a charge or a refund whose outcome stays unknown."""

from typing import Any, ClassVar

from django import forms
from django.http import Http404

from core.money import Money
from payments.admin.refund_action import RefundActionView, facts_of, worth
from payments.admin.trip_action import ConfirmActionView
from payments.models import Charge
from payments.services.resolution import amount_in_doubt, resolution_obstacle, resolve_charge, resolve_refund

RIGHT = "payments.resolve_charge"
HAPPENED, DID_NOT = "yes", "no"


class ResolutionForm(forms.Form):
    """Subclasses name the two outcomes."""

    choices: ClassVar[list[tuple[str, str]]] = []

    outcome = forms.ChoiceField(label="What became of it", widget=forms.Select({"class": "bo-input"}))
    note = forms.CharField(
        label="How you know",
        help_text="Such as: the merchant portal shows the capture at 10:31. It stays on the timeline with your name.",
        max_length=1000,
        widget=forms.Textarea({"rows": 3, "class": "bo-input"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [("", "Choose …"), *self.choices]  # type: ignore[attr-defined]

    @property
    def has_happened(self) -> bool:
        return bool(self.cleaned_data["outcome"] == HAPPENED)


class ChargeResolutionForm(ResolutionForm):
    choices = [(HAPPENED, "The money was taken"), (DID_NOT, "It was not taken: ask for it again")]


class RefundResolutionForm(ResolutionForm):
    choices = [(HAPPENED, "The shopper has the money"), (DID_NOT, "They have not: it can be refunded again")]


class ResolveChargeView(ConfirmActionView):
    url_name = "resolve_charge"
    right = RIGHT
    title = "An outcome that is unknown"
    form_class = ChargeResolutionForm

    def question(self) -> dict[str, Any]:
        charge = self._charge()
        in_doubt = Money(amount_in_doubt(charge), charge.currency)
        return {
            "question": f"Was {in_doubt} taken?",
            "facts": [
                ("To collect", Money(charge.amount, charge.currency)),
                ("Captured now", Money(charge.captured, charge.currency)),
                ("Captured, if it was taken", in_doubt),
                ("Tries to find out", charge.failed_attempts),
                ("The last answer was", charge.last_error or "–"),
            ],
            "explanation": "Look it up where the money would be: the merchant portal, or the report of the processor. "
            "If you say that it was not taken, it is asked for again; should that be wrong, the shopper pays twice.",
            "obstacle": resolution_obstacle(charge),
            "button": "Write it down",
        }

    def act(self, actor: str) -> str:
        charge = self._charge()
        was_taken = self.form.has_happened  # type: ignore[attr-defined]
        amount = Money(amount_in_doubt(charge), charge.currency)
        resolve_charge(charge, was_taken=was_taken, actor=actor, note=self.form.cleaned_data["note"])
        return f"{amount} noted as captured." if was_taken else f"Noted as not taken: {amount} will be asked for again."

    def _charge(self) -> Charge:
        charge = Charge.objects.filter(trip=self.trip).first()
        if charge is None:
            raise Http404("This trip has no charge.")
        return charge


class ResolveRefundView(RefundActionView):
    url_name = "resolve_refund"
    right = RIGHT
    title = "An outcome that is unknown"
    form_class = RefundResolutionForm

    def question(self) -> dict[str, Any]:
        refund = self.refund()
        charge, amount = refund.charge, worth(refund)
        left = Money(charge.captured - charge.committed, charge.currency)
        return {
            "question": f"Has the shopper got {amount} back?",
            "facts": [
                *facts_of(refund),
                ("Refundable now", left),
                ("Refundable, if they have not got it", left + amount),
                ("Tries to find out", refund.failed_attempts),
                ("The last answer was", refund.last_error or "–"),
            ],
            "explanation": "Look it up where the money would have gone: the merchant portal, or the report of the "
            "processor. If you say that it was not given and that is wrong, it may be given twice.",
            "obstacle": resolution_obstacle(refund),
            "button": "Write it down",
        }

    def act(self, actor: str) -> str:
        refund = self.refund()
        was_given = self.form.has_happened  # type: ignore[attr-defined]
        resolve_refund(refund, was_given=was_given, actor=actor, note=self.form.cleaned_data["note"])
        return f"Refund of {worth(refund)} noted as {'done' if was_given else 'not given'}."
