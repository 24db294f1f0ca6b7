"""What staff fill in about a member. The rules are those of the services; here they find their field."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from loyalty.member_data import MemberData, cleaned_code, cleaned_external_id
from loyalty.models import Code, Member
from loyalty.services.members import refuse_taken
from loyalty.services.points import MOST_AT_ONCE


class MemberForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Member
        fields = ["external_id", "kind", "name", "email", "phone", "tier"]

    def clean_external_id(self) -> str:
        try:
            external_id = cleaned_external_id(self.cleaned_data["external_id"])
            refuse_taken([external_id], member_pk=self.instance.pk, field="external_id")
        except DomainError as error:
            raise forms.ValidationError(error.message) from error
        return external_id

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        said = {name: cleaned[name] for name in ("kind", "name", "email", "phone", "tier") if name in cleaned}
        try:
            return cleaned | MemberData(**said).cleaned().columns
        except DomainError as error:
            self.add_error(error.field, error.message)
            return cleaned


class CodeForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Code
        fields = ["value", "is_loyalty_only"]

    def clean_value(self) -> str:
        try:
            value = cleaned_code(self.cleaned_data["value"])
            refuse_taken([value], member_pk=self.instance.member_id, field="codes")
        except DomainError as error:
            raise forms.ValidationError(error.message) from error
        return value


class BlockForm(forms.Form):
    reason = forms.CharField(
        max_length=300,
        widget=forms.TextInput(attrs={"class": "bo-input"}),
        help_text=_("for your colleagues; the member does not see it"),
        label=_("Reason"),
    )


class CorrectPointsForm(forms.Form):
    """`reference` is made with the form, so that sending the form twice corrects once."""

    points = forms.IntegerField(
        min_value=-MOST_AT_ONCE,
        max_value=MOST_AT_ONCE,
        widget=forms.NumberInput(attrs={"class": "bo-input"}),
        help_text=_("with a minus they are taken away"),
        label=_("Points"),
    )
    note = forms.CharField(
        max_length=1000,
        widget=forms.Textarea(attrs={"class": "bo-input", "rows": 2}),
        help_text=_("why"),
        label=_("Note"),
    )
    reference = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
