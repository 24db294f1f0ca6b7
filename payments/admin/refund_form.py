"""What staff fill in to give money back. Only shape is checked here; the service decides what can be refunded."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.money import decimals
from payments.models import RefundReason
from payments.services.refund_terms import RefundableLine, RefundTerms


class LineFields(NamedTuple):
    """A line of the trip, how much of it is given back, and a note on that."""

    row: RefundableLine
    quantity: forms.BoundField
    note: forms.BoundField


class RefundForm(forms.Form):
    """`refund_request_id` is made with the form, so that sending the form twice makes one refund.

    `amount_refusal` says why this person may give back items only; it is empty where they may give back any amount.
    """

    refund_request_id = forms.UUIDField(widget=forms.HiddenInput)
    mode = forms.ChoiceField(
        label=gettext_lazy("Refund"),
        choices=[
            ("lines", gettext_lazy("By items")),
            ("everything", gettext_lazy("Everything left")),
            ("amount", gettext_lazy("By amount")),
        ],
        widget=forms.RadioSelect,
    )
    # What “everything left” was when the form was shown: what was read is what is done.
    everything = forms.DecimalField(required=False, widget=forms.HiddenInput)
    amount = forms.DecimalField(required=False, max_digits=14, decimal_places=4)
    reason = forms.ChoiceField()
    note = forms.CharField(required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    tells_shopper = forms.BooleanField(required=False)

    def __init__(
        self,
        terms: RefundTerms,
        data: dict[str, Any] | None = None,
        *,
        reasons: Iterable[RefundReason],
        amount_refusal: str,
    ) -> None:
        super().__init__(data, initial=_proposal(terms))
        self.terms, self.amount_refusal = terms, amount_refusal
        self._reasons = {str(reason.pk): reason for reason in reasons}
        offered = [(pk, reason.label) for pk, reason in self._reasons.items()]
        self.fields["reason"].choices = [("", _("Choose a reason")), *offered]  # type: ignore[attr-defined]
        for row in terms.lines:
            name = _field_of(row)
            self.fields[name] = forms.DecimalField(required=False, min_value=Decimal(0), label=str(row.line))
            self.fields[f"{name}_note"] = forms.CharField(required=False, max_length=300)

    @property
    def line_fields(self) -> list[LineFields]:
        rows = self.terms.lines
        return [LineFields(row, self[_field_of(row)], self[f"{_field_of(row)}_note"]) for row in rows]

    @property
    def places(self) -> int:
        return decimals(self.terms.left.currency)

    @property
    def current_mode(self) -> str:
        return str(self["mode"].value())

    @property
    def chosen_reason(self) -> RefundReason:
        return self._reasons[self.cleaned_data["reason"]]

    @property
    def quantities(self) -> dict[int, Decimal]:
        """By line, those that are to be refunded."""
        return {
            row.line.pk: quantity
            for row in self.terms.lines
            if (quantity := self.cleaned_data.get(_field_of(row))) is not None and quantity > 0
        }

    @property
    def line_notes(self) -> dict[int, str]:
        return {row.line.pk: self.cleaned_data[f"{_field_of(row)}_note"] for row in self.terms.lines}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        mode = cleaned.get("mode")
        if mode == "amount" and self.amount_refusal:
            self.add_error("mode", self.amount_refusal)
        elif mode == "amount" and cleaned.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", _("Enter the amount to give back."))
        if mode == "lines" and not self.quantities:
            self.add_error("mode", _("Enter a quantity for at least one item."))
        if mode == "everything" and cleaned.get("everything") is None:
            self.add_error("mode", _("Nothing is left to be refunded."))
        return cleaned

    def what(self) -> dict[str, Any]:
        """The part of request_refund's arguments that says how much."""
        match self.cleaned_data["mode"]:
            case "lines":
                return {"quantities": self.quantities, "line_notes": self.line_notes}
            case "amount":
                return {"amount": self.cleaned_data["amount"]}
            case _:
                return {"amount": self.cleaned_data["everything"]}

    def take_refusal(self, error: DomainError) -> None:
        """Show the service's refusal at the field it is about."""
        if error.field == "refund_request_id":
            self.data = {**self.data, "refund_request_id": str(uuid4())}
            self.add_error(None, _("This form was sent before, as another refund. Send it again to make a second one."))
            return
        mode = self.cleaned_data["mode"]
        field = {"lines": "mode", "amount": "amount" if mode == "amount" else "mode"}.get(error.field, error.field)
        self.add_error(field if field in self.fields else None, error.message)


def _proposal(terms: RefundTerms) -> dict[str, Any]:
    """All that is left: by items where they add up to it."""
    proposal: dict[str, Any] = {"refund_request_id": uuid4(), "everything": terms.left.plain, "tells_shopper": True}
    if not terms.items_add_up:
        return proposal | {"mode": "everything"}
    return (
        proposal | {"mode": "lines"} | {_field_of(row): f"{row.left.normalize():f}" for row in terms.lines if row.left}
    )


def _field_of(row: RefundableLine) -> str:
    return f"quantity_{row.line.pk}"
