"""What staff fill in about a debt. The services decide what of it can be done."""

from uuid import uuid4

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from payments.states import SettlementMeans

_INPUT = {"class": "bo-input"}


class SettlementForm(forms.Form):
    """`key` is made with the form, so that sending the form twice settles once; `is_confirmed` the second time."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    is_confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)
    amount = forms.DecimalField(
        max_digits=14, decimal_places=4, widget=forms.NumberInput(attrs=_INPUT | {"step": "any"}), label=_("Amount")
    )

    def confirmation(self) -> "SettlementForm":
        """The same content, to be sent once more."""
        form = type(self)(initial=self.cleaned_data | {"is_confirmed": True})
        for field in form.fields.values():
            field.widget = forms.HiddenInput()
        return form


class PaymentForm(SettlementForm):
    means = forms.ChoiceField(
        label=_("Paid by"),
        choices=[(means.value, capfirst(means.label)) for means in (SettlementMeans.CASH, SettlementMeans.TERMINAL)],
        widget=forms.Select(attrs=_INPUT),
    )
    note = forms.CharField(
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs=_INPUT),
        help_text=_("for your colleagues, such as the number of the slip"),
        label=_("Note"),
    )


class WaiverForm(SettlementForm):
    note = forms.CharField(
        label=_("Why"), max_length=1000, widget=forms.TextInput(attrs=_INPUT), help_text=_("for your colleagues")
    )


class WriteOffForm(forms.Form):
    note = forms.CharField(
        label=_("Why"), max_length=1000, widget=forms.TextInput(attrs=_INPUT), help_text=_("for your colleagues")
    )
