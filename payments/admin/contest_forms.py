"""What staff fill in about a contested cart. Only shape is checked here; the services decide."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from payments.admin.items_form import TEXT, ItemsForm, answer_field, quantity_field
from payments.models import ContestedCart
from payments.services.contests import Claims
from payments.states import ReasonCode

NOTE = gettext_lazy("for your colleagues; the shopper does not see it")


class OpenForm(ItemsForm):
    """What is left blank is not contested."""

    message = forms.CharField(
        required=False,
        max_length=4000,
        label=gettext_lazy("What the shopper says"),
        help_text=gettext_lazy("in their own words, as far as you can"),
        widget=forms.Textarea(attrs=TEXT | {"rows": 4}),
    )

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [{"line": line, "quantity": self[f"quantity_{line.pk}"]} for line in self.lines]

    def claims(self) -> Claims:
        claimed = {line.pk: quantity for line in self.lines if (quantity := self.said("quantity", line)) is not None}
        return Claims(claimed, self.added)

    def take_refusal(self, error: DomainError) -> None:
        if error.field == "contest_id":
            self.data = {**self.data, "key": str(uuid4())}
        self.add_error(error.field if error.field in self.fields else None, error.message)


class DecisionForm(forms.Form):
    answer = answer_field()


class RejectForm(DecisionForm):
    note = forms.CharField(
        label=gettext_lazy("Why"), max_length=1000, help_text=NOTE, widget=forms.Textarea(attrs=TEXT | {"rows": 2})
    )

    field_order = ["note", "answer"]


class RefundForm(DecisionForm):
    """A quantity to give back for each line; those that the shopper says they did not take are proposed."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    is_confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        choices=[(code.value, capfirst(code.label)) for code in ReasonCode],
        initial=ReasonCode.JWO_TECH_ERROR,
        widget=forms.Select(attrs=TEXT),
        label=gettext_lazy("Reason"),
    )
    note = forms.CharField(
        required=False,
        max_length=1000,
        help_text=NOTE,
        widget=forms.Textarea(attrs=TEXT | {"rows": 2}),
        label=gettext_lazy("Note"),
    )

    def __init__(self, contest: ContestedCart, left: Mapping[int, Decimal], data: dict[str, Any] | None = None) -> None:
        super().__init__(data)
        self.contest = contest
        claimed = {claim.line_id: claim.quantity for claim in contest.lines.all()}
        self._lines = list(contest.trip.lines.all())
        for line in self._lines:
            missing = line.quantity - claimed.get(line.pk, line.quantity)
            proposed = max(min(missing, left[line.pk]), Decimal(0))
            self.fields[f"quantity_{line.pk}"] = quantity_field(
                label=_("Give back of %(name)s") % {"name": line.name or line.sku},
                help_text=_("%(value)s left") % {"value": f"{left[line.pk].normalize():f}"},
                initial=f"{proposed.normalize():f}" if proposed else None,
            )
        self.order_fields([*(name for name in self.fields if name.startswith("quantity_")), "reason", "note", "answer"])

    @property
    def quantities(self) -> dict[int, Decimal]:
        wanted = {line.pk: self.cleaned_data.get(f"quantity_{line.pk}") for line in self._lines}
        return {pk: quantity for pk, quantity in wanted.items() if quantity}

    def confirmation(self) -> "RefundForm":
        """The same content, to be sent once more."""
        self.data = {**self.data, "is_confirmed": "True"}
        for field in self.fields.values():
            field.widget = forms.HiddenInput()
        return self
