"""“Note as debt”, for a charge that was refused and that nobody is to ask for again."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.languages import Words
from core.money import Money
from payments.admin.charge_action import ChargeActionView
from payments.services.uncollectable import debt_obstacle, note_as_debt


class DebtNoteForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("It stays on the timeline with your name."),
        max_length=1000,
        widget=forms.Textarea({"rows": 2, "class": "bo-input"}),
    )


class NoteAsDebtView(ChargeActionView):
    url_name = "note_as_debt"
    right = "payments.retry_charge"
    title = gettext_lazy("Note as debt")
    form_class = DebtNoteForm

    def question(self) -> dict[str, Any]:
        charge = self.charge()
        owed = Money(charge.outstanding, charge.currency)
        return {
            "question": _("Note %(owed)s as a debt of the shopper?") % {"owed": owed},
            "facts": [
                (_("The answer was"), charge.last_error or charge.get_state_display()),
                (_("The trip cost"), Money(charge.amount, charge.currency)),
                (_("Settled otherwise"), Money(charge.settled, charge.currency)),
                (_("Owed from then on"), owed),
            ],
            "explanation": _(
                "Nothing is charged. Amazon is told that nothing is paid, and may not let the shopper in "
                "until it is. The card can still be asked again, and the debt can be paid in the store or waived."
            ),
            "obstacle": debt_obstacle(charge),
            "button": _("Note %(owed)s as debt") % {"owed": owed},
        }

    def act(self, actor: str) -> Words:
        charge = self.charge()
        owed = Money(charge.outstanding, charge.currency)
        note_as_debt(charge, actor=actor, note=self.form.cleaned_data["note"])
        return format_lazy(gettext_lazy("{owed} noted as debt."), owed=owed)
