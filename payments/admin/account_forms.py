"""What staff fill in about a house account. The rules are those of the service; here they find their field."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.errors import DomainError
from payments.admin.debt_forms import SettlementForm
from payments.models import HouseAccount
from payments.services.house_accounts import check_terms
from stores.models import validate_currency


class HouseAccountForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = HouseAccount
        fields = ["member", "currency", "kind", "most_owed"]

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        validate_currency(currency)
        return currency

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if {"currency", "kind", "most_owed"} <= cleaned.keys():
            try:
                check_terms(cleaned["currency"], kind=cleaned["kind"], most_owed=cleaned["most_owed"])
            except DomainError as error:
                self.add_error(error.field, error.message)
        return cleaned


class TermsForm(forms.Form):
    kind = forms.ChoiceField(
        choices=HouseAccount.Kind.choices, widget=forms.Select(attrs={"class": "bo-input"}), label=gettext_lazy("Kind")
    )
    most_owed = forms.DecimalField(
        label=gettext_lazy("Limit"),
        required=False,
        max_digits=14,
        decimal_places=4,
        widget=forms.NumberInput(attrs={"class": "bo-input", "step": "any"}),
        help_text=gettext_lazy("by invoice: the account owes no more than this; empty: no limit"),
    )
    is_open = forms.BooleanField(
        label=pgettext_lazy("account", "Open"),
        required=False,
        help_text=gettext_lazy("from a closed account nothing is taken; refunds still go back to it"),
    )
    # The terms as they were shown. What did not open the form says nothing of them.
    instead_of = forms.CharField(required=False, widget=forms.HiddenInput)


class PayInForm(SettlementForm):
    note = forms.CharField(
        label=gettext_lazy("How it was paid"),
        max_length=1000,
        widget=forms.TextInput(attrs={"class": "bo-input"}),
        help_text=gettext_lazy("for your colleagues, such as the number of the slip"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].help_text = _("with a minus: paid out, or booked by mistake before")
