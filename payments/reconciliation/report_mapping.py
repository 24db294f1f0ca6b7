"""How the columns of a processor's report are called, and what its words mean."""

import json
import tomllib
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from payments.reconciliation.theirs import AMAZONS_FLOWS, CannotRead
from stores.models import PaymentFlow


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`trip`, `kind`, `amount`, `currency` and, if there is one, `store` name columns. Rows whose kind is among
    `ignored` are left out, such as fees. Amounts of refunds may have either sign."""

    trip: str
    kind: str
    amount: str
    currency: str
    store: str = ""
    captures: tuple[str, ...] = ("capture",)
    refunds: tuple[str, ...] = ("refund",)
    ignored: tuple[str, ...] = ()
    delimiter: str = ","
    decimal_comma: bool = False
    flows: tuple[str, ...] = AMAZONS_FLOWS

    def __post_init__(self) -> None:
        if len(self.delimiter) != 1:
            raise ValueError(_("delimiter is one character"))
        if not set(self.flows) <= set(PaymentFlow.values):
            raise ValueError(_("flows are among %(value)s") % {"value": ", ".join(PaymentFlow.values)})

    @property
    def columns(self) -> list[str]:
        return [name for name in (self.trip, self.kind, self.amount, self.currency, self.store) if name]


PRESETS = {
    "plain": Mapping(trip="trip_id", kind="kind", amount="amount", currency="currency"),
    "plain-semicolon": Mapping(
        trip="trip_id", kind="kind", amount="amount", currency="currency", delimiter=";", decimal_comma=True
    ),
}


def read_mapping(content: bytes, name: str) -> Mapping:
    """A mapping in TOML, or in JSON where the name ends so. Raises CannotRead."""
    try:
        fields = _parse(content.decode(), name)
        return msgspec.convert(fields, Mapping)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, json.JSONDecodeError, msgspec.ValidationError) as error:
        raise CannotRead(_("%(name)s is no mapping: %(error)s") % {"name": name, "error": error}) from error


def _parse(text: str, name: str) -> Any:
    return json.loads(text) if name.lower().endswith(".json") else tomllib.loads(text)
