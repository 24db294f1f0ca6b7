"""What stands on a receipt: the read side of its page and of its e-mail, a fixed number of statements."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.languages import Words
from core.money import ZERO, Money
from orders.models import Line, Trip
from payments.models import CardDetails, Charge, DebtSettlement, PaymentEvent, Receipt
from payments.services.ledger import Kind, Phase
from stores.models import Store

# EMV tag 9F39. The words are our reading of the codes that Amazon names. Amazon: get_transactional_data.
_ENTRY_MODES = {
    "EMV_9F39_02": _("magnetic stripe"),
    "EMV_9F39_05": _("chip"),
    "EMV_9F39_07": _("contactless"),
    "EMV_9F39_80": _("magnetic stripe, after the chip failed"),
    "EMV_9F39_90": _("magnetic stripe"),
}
# Not the expiration date, which Amazon tells as well: in the US a receipt must not show it.
_CARD_FACTS: dict[str, Words] = {
    "posEntryMode": _("Entry mode"),
    "applicationId": "AID",
    "authorizationResponseCode": _("Authorization response"),
    "cryptogramInformationData": _("Cryptogram information"),
    "cardholderVerificationMethodResult": _("Cardholder verification"),
    "panSequenceNumber": _("PAN sequence number"),
    "terminalId": _("Terminal"),
    "reconciliationId": _("Reconciliation id"),
    "cardStatementTransactionId": _("On your card statement as"),
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
    """`lines` are without those that staff removed; `refunds` are the events of what was given back."""

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
    def card_facts(self) -> list[tuple[Words, str]]:
        """Label and value of each EMV datum that is known."""
        emv = self.card.emv if self.card else {}
        known = [(label, emv[name]) for name, label in _CARD_FACTS.items() if emv.get(name)]
        return [(label, str(_ENTRY_MODES.get(str(value), str(value)))[:_LONGEST_FACT]) for label, value in known]

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
        return receipt_address(self.receipt)

    @property
    def context(self) -> dict[str, Any]:
        """What the templates in templates/receipts name."""
        return {"content": self, "charge": self.charge, "trip": self.trip, "store": self.store}


def receipt_address(receipt: Receipt | None) -> str:
    """Of its page, for a mail or a code that a shopper scans; empty where there is none."""
    base: str = settings.BASE_URL
    return base.rstrip("/") + reverse("receipt", args=[receipt.token]) if receipt and base else ""


def load_receipt(**which: Any) -> ReceiptContent:
    """By `token` or `pk`. Raises Receipt.DoesNotExist."""
    rows = Receipt.objects.select_related("charge__trip__store", "charge__trip__member", "charge__card")
    receipt = rows.get(**which)
    charge = receipt.charge
    return ReceiptContent(
        receipt=receipt,
        lines=[line for line in charge.trip.lines.all() if line.quantity or line.total],
        settlements=list(DebtSettlement.objects.filter(debt__charge=charge)),
        refunds=list(charge.events.filter(kind=Kind.REFUND, phase=Phase.SUCCEEDED)),
    )
