"""“Say what became of it”, for a charge or a refund whose outcome stays unknown."""

from typing import Any, ClassVar

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.languages import Words
from core.money import Money
from payments.admin.charge_action import ChargeActionView
from payments.admin.refund_action import RefundActionView, facts_of, worth
from payments.services.resolution import amount_in_doubt, resolution_obstacle, resolve_charge, resolve_refund

RIGHT = "payments.resolve_charge"
HAPPENED, DID_NOT = "yes", "no"


class ResolutionForm(forms.Form):
    """Subclasses name the two outcomes."""

    choices: ClassVar[list[tuple[str, Words]]] = []

    outcome = forms.ChoiceField(label=gettext_lazy("What became of it"), widget=forms.Select({"class": "bo-input"}))
    note = forms.CharField(
        label=gettext_lazy("How you know"),
        help_text=gettext_lazy(
            "Such as: the merchant portal shows the capture at 10:31. It stays on the timeline with your name."
        ),
        max_length=1000,
        widget=forms.Textarea({"rows": 3, "class": "bo-input"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [("", _("Choose …")), *self.choices]  # type: ignore[attr-defined]

    @property
    def has_happened(self) -> bool:
        return bool(self.cleaned_data["outcome"] == HAPPENED)


class ChargeResolutionForm(ResolutionForm):
    choices: ClassVar[list[tuple[str, Words]]] = [
        (HAPPENED, gettext_lazy("The money was taken")),
        (DID_NOT, gettext_lazy("It was not taken: ask for it again")),
    ]


class RefundResolutionForm(ResolutionForm):
    choices: ClassVar[list[tuple[str, Words]]] = [
        (HAPPENED, gettext_lazy("The shopper has the money")),
        (DID_NOT, gettext_lazy("They have not: it can be refunded again")),
    ]


class ResolveChargeView(ChargeActionView):
    url_name = "resolve_charge"
    right = RIGHT
    title = gettext_lazy("An outcome that is unknown")
    form_class = ChargeResolutionForm

    def question(self) -> dict[str, Any]:
        charge = self.charge()
        in_doubt = Money(amount_in_doubt(charge), charge.currency)
        return {
            "question": _("Was %(in_doubt)s taken?") % {"in_doubt": in_doubt},
            "facts": [
                (_("To collect"), Money(charge.amount, charge.currency)),
                (_("Captured now"), Money(charge.captured, charge.currency)),
                (_("Captured, if it was taken"), in_doubt),
                (_("Tries to find out"), charge.failed_attempts),
                (_("The last answer was"), charge.last_error or "–"),
            ],
            "explanation": _(
                "Look it up where the money would be: the merchant portal, or the report of the processor. "
                "If you say that it was not taken, it is asked for again; should that be wrong, the shopper pays twice."
            ),
            "obstacle": resolution_obstacle(charge),
            "button": _("Write it down"),
        }

    def act(self, actor: str) -> Words:
        charge = self.charge()
        was_taken = self.form.has_happened
        amount = Money(amount_in_doubt(charge), charge.currency)
        resolve_charge(charge, was_taken=was_taken, actor=actor, note=self.form.cleaned_data["note"])
        return (
            (format_lazy(gettext_lazy("{amount} noted as captured."), amount=amount))
            if was_taken
            else (format_lazy(gettext_lazy("Noted as not taken: {amount} will be asked for again."), amount=amount))
        )


class ResolveRefundView(RefundActionView):
    url_name = "resolve_refund"
    right = RIGHT
    title = gettext_lazy("An outcome that is unknown")
    form_class = RefundResolutionForm

    def question(self) -> dict[str, Any]:
        refund = self.refund()
        charge, amount = refund.charge, worth(refund)
        left = Money(charge.captured - charge.committed, charge.currency)
        return {
            "question": _("Has the shopper got %(amount)s back?") % {"amount": amount},
            "facts": [
                *facts_of(refund),
                (_("Refundable now"), left),
                (_("Refundable, if they have not got it"), left + amount),
                (_("Tries to find out"), refund.failed_attempts),
                (_("The last answer was"), refund.last_error or "–"),
            ],
            "explanation": _(
                "Look it up where the money would have gone: the merchant portal, or the report of the "
                "processor. If you say that it was not given and that is wrong, it may be given twice."
            ),
            "obstacle": resolution_obstacle(refund),
            "button": _("Write it down"),
        }

    def act(self, actor: str) -> Words:
        refund = self.refund()
        was_given = self.form.has_happened
        resolve_refund(refund, was_given=was_given, actor=actor, note=self.form.cleaned_data["note"])
        done = gettext_lazy("Refund of {amount} noted as done.")
        not_given = gettext_lazy("Refund of {amount} noted as not given.")
        return format_lazy(done if was_given else not_given, amount=worth(refund))
