"""The items of a trip with a quantity for each, and products that are to be added: what several dialogs ask for."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _

from orders.models import Line, Trip
from stores.models import Product
from stores.services import find_products

MOST_ADDED = 5
_NUMBER = {"class": "bo-input bo-quantity", "inputmode": "decimal", "min": "0", "step": "any"}
TEXT = {"class": "bo-input"}


def quantity_field(**options: Any) -> forms.DecimalField:
    widget = forms.NumberInput(attrs=_NUMBER)
    return forms.DecimalField(
        required=False, min_value=Decimal(0), max_digits=20, decimal_places=10, widget=widget, **options
    )


def amount_field(**options: Any) -> forms.DecimalField:
    """In a column of a table whose head says what it is."""
    widget = forms.NumberInput(attrs=_NUMBER | {"aria-label": options["label"]})
    return forms.DecimalField(
        required=False, min_value=Decimal(0), max_digits=14, decimal_places=4, widget=widget, **options
    )


def answer_field() -> forms.CharField:
    return forms.CharField(
        required=False,
        max_length=2000,
        label=_("Answer to the shopper"),
        help_text=_("sent by e-mail where an address is known"),
        widget=forms.Textarea(attrs=TEXT | {"rows": 4}),
    )


class ItemsForm(forms.Form):
    """`key` is made with the form, so that sending the form twice does it once."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        trip: Trip,
        lines: Sequence[Line],
        data: dict[str, Any] | None = None,
        *,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial={"key": uuid4(), **(initial or {})})
        self.trip, self.lines = trip, lines
        self.added: list[tuple[Product, Decimal]] = []
        self._added_rows: list[int] = []
        for line in lines:
            self.add_line(line)
        for row in range(1, MOST_ADDED + 1):
            self.fields[f"added_{row}"] = forms.CharField(
                required=False, max_length=255, label=_("SKU or barcode"), widget=forms.TextInput(attrs=TEXT)
            )
            self.fields[f"added_quantity_{row}"] = quantity_field(label=_("Quantity"))

    def add_line(self, line: Line) -> None:
        self.fields[f"quantity_{line.pk}"] = quantity_field(label=line.name or line.sku)

    @property
    def added_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"added_{row}"], self[f"added_quantity_{row}"]) for row in range(1, MOST_ADDED + 1)]

    @property
    def currency(self) -> str:
        currency: str = self.trip.store.currency
        return currency

    def said(self, name: str, line: Line) -> Decimal | None:
        """What was filled in for the line, such as its `quantity`."""
        value: Decimal | None = self.cleaned_data.get(f"{name}_{line.pk}")
        return value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        codes = {row: code for row in range(1, MOST_ADDED + 1) if (code := cleaned.get(f"added_{row}", "").strip())}
        found = find_products(self.trip.store, skus=codes.values(), barcodes=codes.values())
        for row, code in codes.items():
            product = found.by_sku.get(code) or found.by_barcode.get(code)
            if product is None:
                self.add_error(
                    f"added_{row}",
                    _("%(store)s sells nothing with the SKU or barcode “%(code)s”.")
                    % {"store": self.trip.store, "code": code},
                )
                continue
            quantity = cleaned.get(f"added_quantity_{row}")
            self.added.append((product, Decimal(1) if quantity is None else quantity))
            self._added_rows.append(row)
        return cleaned

    def field_of(self, name: str) -> str | None:
        """The field that a service's refusal is about; None: none of them."""
        kind, _sep, number = name.partition("_")
        if kind == "line":
            name = f"quantity_{number}"
        elif kind == "added" and number.isdecimal():
            name = f"added_quantity_{self._added_rows[int(number) - 1]}"
        return name if name in self.fields else None
