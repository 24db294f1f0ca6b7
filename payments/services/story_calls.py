"""Calls to Amazon and to processors as staff read them: each an attempt, and attempts of the same thing together."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from amazon.models import OutboundCall
from amazon.outbound.advice import Reading, read_answer
from core.money import Money
from payments.services.story_words import OPERATIONS

# Where each request says how much: its amount, and the currency of that.
_AMOUNTS = (("amount", "code"), ("settledAmount", "code"), ("orderTotals.priceTotal", "currencyCode"))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call. `reference` is what the other side calls it."""

    call: OutboundCall
    reading: Reading
    amount: Money | None
    reference: str


@dataclass(frozen=True, slots=True)
class Attempts:
    """Calls for the same thing without anything else between them, the oldest first. `next_at`: one more will come."""

    operation: str
    all: list[Attempt]
    next_at: datetime | None = None

    @property
    def last(self) -> Attempt:
        return self.all[-1]

    @property
    def title(self) -> str:
        """A processor's operation names the processor itself."""
        if ":" in self.operation:
            return _("Called %(operation)s") % {"operation": self.operation}
        return _("Called Amazon: %(operation)s") % {"operation": OPERATIONS.get(self.operation, self.operation).lower()}


def attempt_of(call: OutboundCall) -> Attempt:
    reading = read_answer(call.operation, call.status, call.answer, call.error)
    answer = _parsed(call.answer)
    reference = answer.get("reconciliationId") or answer.get("orderId") or call.amazon_request_id
    return Attempt(call, reading, _amount_of(call), str(reference or ""))


def together(attempts: Iterable[Attempt], due: Mapping[str, datetime]) -> Attempts:
    """`due` says by operation when another attempt will be made."""
    rows = list(attempts)
    operation = rows[-1].call.operation
    return Attempts(operation, rows, due.get(operation) if rows[-1].reading.tone != "success" else None)


def _amount_of(call: OutboundCall) -> Money | None:
    request = _parsed(call.request)
    for path, currency in _AMOUNTS:
        found: Any = request
        for name in path.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, dict) and "amount" in found and found.get(currency):
            try:
                return Money(Decimal(str(found["amount"])), str(found[currency]))
            except InvalidOperation:
                return None
    return None


def _parsed(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text, parse_float=Decimal)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
