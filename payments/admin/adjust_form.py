"""What staff fill in to adjust a trip. Only shape is checked here; the services decide what can be adjusted."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import money
from core.errors import DomainError
from orders.adjusting import Change
from orders.models import Line, Trip
from orders.services.adjusting import Wanted
from orders.states import AdjustmentReason
from payments.admin.items_form import TEXT, ItemsForm, amount_field, answer_field
from payments.models import ContestedCart


class AdjustForm(ItemsForm):
    """`shown` says what the person was shown; without it, nothing was shown yet. What is left blank stays as it is."""

    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        choices=[
            ("", gettext_lazy("Choose a reason")),
            *((reason.value, capfirst(reason.label)) for reason in AdjustmentReason),
        ],
        widget=forms.Select(attrs=TEXT),
        label=gettext_lazy("Reason"),
    )
    note = forms.CharField(
        required=False,
        max_length=1000,
        help_text=gettext_lazy("for your colleagues; the shopper does not see it"),
        widget=forms.Textarea(attrs=TEXT | {"rows": 2}),
        label=gettext_lazy("Note"),
    )

    def add_line(self, line: Line) -> None:
        super().add_line(line)
        self.fields[f"price_{line.pk}"] = amount_field(
            label=_("Unit price of %(name)s") % {"name": line.name or line.sku}
        )
        if line.tax_rate is None:
            self.fields[f"tax_{line.pk}"] = amount_field(label=_("Tax in %"))

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "line": line,
                "quantity": self[f"quantity_{line.pk}"],
                "price": self[f"price_{line.pk}"],
                "tax": self[f"tax_{line.pk}"] if line.tax_rate is None else None,
            }
            for line in self.lines
        ]

    def wanted(self) -> Wanted:
        return Wanted({line.pk: self._change(line) for line in self.lines}, self.added)

    def with_shown(self, fingerprint: str) -> "AdjustForm":
        """The same content, to be sent once more by somebody who has seen what it does."""
        self.data = {**self.data, "shown": fingerprint}
        return self

    def take_refusal(self, error: DomainError) -> None:
        """Show the service's refusal at the field it is about."""
        if error.field == "key":
            self.data = {**self.data, "key": str(uuid4())}
        self.add_error(self.field_of(error.field) if error.field != "key" else None, error.message)

    def _change(self, line: Line) -> Change:
        quantity = self.said("quantity", line)
        return Change(line.quantity if quantity is None else quantity, self.said("price", line), self.said("tax", line))


class ContestedAdjustForm(AdjustForm):
    """Of a trip that its shopper contests."""

    answer = answer_field()


def initial_of(trip: Trip, lines: list[Line], contest: ContestedCart | None) -> dict[str, Any]:
    """As the lines are; of a contested trip, as the shopper says they should be."""
    initial: dict[str, Any] = {}
    for line in lines:
        initial[f"quantity_{line.pk}"] = line.plain_quantity
        initial[f"price_{line.pk}"] = None if line.unit_price is None else _price(line.unit_price, trip.store.currency)
        if line.tax_rate is None and line.product is not None:
            initial[f"tax_{line.pk}"] = f"{line.product.tax_rate.normalize():f}"
    claims = contest.lines.select_related("product") if contest else ()
    added = 0
    for claim in claims:
        if claim.product is None:
            initial[f"quantity_{claim.line_id}"] = f"{claim.quantity.normalize():f}"
        else:
            added += 1
            initial |= {
                f"added_{added}": claim.product.sku,
                f"added_quantity_{added}": f"{claim.quantity.normalize():f}",
            }
    return initial


def _price(amount: Decimal, currency: str) -> str:
    """`1.50`; a price of a product may have more decimals than its currency."""
    return money.text(amount, currency) if money.is_exact(amount, currency) else f"{amount.normalize():f}"
