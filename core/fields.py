"""Model columns that several apps share."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db import models

from core import money

_CENT = Decimal("0.01")


class AmountFormField(forms.DecimalField):
    """Shows `1.50` for what the column holds as 1.5000."""

    def prepare_value(self, value: Any) -> Any:
        in_cents = value.quantize(_CENT) if isinstance(value, Decimal) else value
        return in_cents if in_cents == value else value


class AmountField(models.DecimalField):  # type: ignore[type-arg]
    """An amount of money; its currency stands in a CurrencyField of the same row or of the row's parent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = money.MAX_DIGITS
        kwargs["decimal_places"] = money.DECIMAL_PLACES
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": AmountFormField, **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs


class CurrencyField(models.CharField):  # type: ignore[type-arg]
    """An ISO 4217 code such as USD."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 3
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs
