"""What staff fill in to give money back. Only shape is checked here; the service decides what can be refunded."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms

from core.errors import DomainError
from core.money import decimals
from payments.services.refund_terms import RefundableLine, RefundTerms
from payments.states import RefundReason


class RefundForm(forms.Form):
    """`refund_request_id` is made with the form, so that sending the form twice makes one refund."""

    refund_request_id = forms.UUIDField(widget=forms.HiddenInput)
    mode = forms.ChoiceField(
        label="Refund",
        choices=[("everything", "Everything left"), ("lines", "By items"), ("amount", "By amount")],
        widget=forms.RadioSelect,
        initial="everything",
    )
    # What “everything left” was when the form was shown: what was read is what is done.
    everything = forms.DecimalField(required=False, widget=forms.HiddenInput)
    amount = forms.DecimalField(required=False, max_digits=14, decimal_places=4)
    reason = forms.ChoiceField(choices=[("", "Choose a reason"), *RefundReason.choices])
    note = forms.CharField(required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(
        self, terms: RefundTerms, data: dict[str, Any] | None = None, *, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.terms = terms
        for row in terms.lines:
            self.fields[_field_of(row)] = forms.DecimalField(required=False, min_value=Decimal(0), label=str(row.line))

    @property
    def quantity_fields(self) -> list[tuple[RefundableLine, forms.BoundField]]:
        return [(row, self[_field_of(row)]) for row in self.terms.lines]

    @property
    def places(self) -> int:
        return decimals(self.terms.left.currency)

    @property
    def current_mode(self) -> str:
        return str(self["mode"].value() or "everything")

    @property
    def quantities(self) -> dict[int, Decimal]:
        """By line, those that are to be refunded."""
        return {
            row.line.pk: quantity
            for row in self.terms.lines
            if (quantity := self.cleaned_data.get(_field_of(row))) is not None and quantity > 0
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        mode = cleaned.get("mode")
        if mode == "amount" and cleaned.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", "Enter the amount to give back.")
        if mode == "lines" and not self.quantities:
            self.add_error("mode", "Enter a quantity for at least one item.")
        if mode == "everything" and cleaned.get("everything") is None:
            self.add_error("mode", "Nothing is left to be refunded.")
        return cleaned

    def what(self) -> dict[str, Any]:
        """The part of request_refund's arguments that says how much."""
        match self.cleaned_data["mode"]:
            case "lines":
                return {"quantities": self.quantities}
            case "amount":
                return {"amount": self.cleaned_data["amount"]}
            case _:
                return {"amount": self.cleaned_data["everything"]}

    def take_refusal(self, error: DomainError) -> None:
        """Show the service's refusal at the field it is about."""
        if error.field == "refund_request_id":
            self.data = {**self.data, "refund_request_id": str(uuid4())}
            self.add_error(None, "This form was sent before, as another refund. Send it again to make a second one.")
            return
        mode = self.cleaned_data["mode"]
        field = {"lines": "mode", "amount": "amount" if mode == "amount" else "mode"}.get(error.field, error.field)
        self.add_error(field if field in self.fields else None, error.message)


def _field_of(row: RefundableLine) -> str:
    return f"quantity_{row.line.pk}"
