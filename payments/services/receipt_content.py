"""What stands on a receipt: the read side of its page and of its e-mail, a fixed number of statements."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse

from core.money import ZERO, Money
from orders.models import Line, Trip
from payments.models import CardDetails, Charge, DebtSettlement, PaymentEvent, Receipt
from payments.services.ledger import Kind, Phase
from stores.models import Store

# EMV tag 9F39. The words are our reading of the codes that Amazon names. Amazon: get_transactional_data.
_ENTRY_MODES = {
    "EMV_9F39_02": "magnetic stripe",
    "EMV_9F39_05": "chip",
    "EMV_9F39_07": "contactless",
    "EMV_9F39_80": "magnetic stripe, after the chip failed",
    "EMV_9F39_90": "magnetic stripe",
}
# Not the expiration date, which Amazon tells as well: in the US a receipt must not show it.
_CARD_FACTS = {
    "posEntryMode": "Entry mode",
    "applicationId": "AID",
    "authorizationResponseCode": "Authorization response",
    "cryptogramInformationData": "Cryptogram information",
    "cardholderVerificationMethodResult": "Cardholder verification",
    "panSequenceNumber": "PAN sequence number",
    "terminalId": "Terminal",
    "reconciliationId": "Reconciliation id",
    "cardStatementTransactionId": "On your card statement as",
}
_LONGEST_FACT = 60


@dataclass(frozen=True, slots=True)
class TaxSum:
    """Of all lines with one rate, which is in percent."""

    rate: Decimal
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class ReceiptContent:
    """`refunds` are the events of what Amazon or the processor has given back."""

    receipt: Receipt
    lines: list[Line]
    settlements: list[DebtSettlement]
    refunds: list[PaymentEvent]

    @property
    def charge(self) -> Charge:
        return self.receipt.charge

    @property
    def trip(self) -> Trip:
        return self.charge.trip

    @property
    def store(self) -> Store:
        return self.trip.store

    @property
    def card(self) -> CardDetails | None:
        card: CardDetails | None = getattr(self.charge, "card", None)
        return card

    @property
    def card_facts(self) -> list[tuple[str, str]]:
        """Label and value of each EMV datum that is known."""
        emv = self.card.emv if self.card else {}
        known = [(label, emv[name]) for name, label in _CARD_FACTS.items() if emv.get(name)]
        return [(label, _ENTRY_MODES.get(str(value), str(value))[:_LONGEST_FACT]) for label, value in known]

    @property
    def taxes(self) -> list[TaxSum]:
        """By rate, the lowest first."""
        by_rate: defaultdict[Decimal, list[Line]] = defaultdict(list)
        for line in self.lines:
            by_rate[line.tax_rate or ZERO].append(line)
        return [
            TaxSum(rate, sum((row.net or ZERO for row in rows), ZERO), sum((row.tax or ZERO for row in rows), ZERO))
            for rate, rows in sorted(by_rate.items())
        ]

    @property
    def refunded(self) -> Money:
        amounts = (Money(event.amount or ZERO, event.currency) for event in self.refunds)
        return Money.total(amounts, self.charge.currency)

    @property
    def address(self) -> str:
        """Of its page, for a mail; empty while nobody has said under which address this server is reached."""
        base: str = settings.RECEIPT_BASE_URL
        return base.rstrip("/") + reverse("receipt", args=[self.receipt.token]) if base else ""

    @property
    def context(self) -> dict[str, Any]:
        """What the templates in templates/receipts name."""
        return {"content": self, "charge": self.charge, "trip": self.trip, "store": self.store}


def load_receipt(**which: Any) -> ReceiptContent:
    """By `token` or `pk`. Raises Receipt.DoesNotExist."""
    rows = Receipt.objects.select_related("charge__trip__store", "charge__trip__member", "charge__card")
    receipt = rows.get(**which)
    charge = receipt.charge
    return ReceiptContent(
        receipt=receipt,
        lines=list(charge.trip.lines.all()),
        settlements=list(DebtSettlement.objects.filter(debt__charge=charge)),
        refunds=list(charge.events.filter(kind=Kind.REFUND, phase=Phase.SUCCEEDED)),
    )
