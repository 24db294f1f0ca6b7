"""House accounts of the demo's members: what their past trips by app left there, and what they have paid."""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from core import money
from demo.charges import Kind, PastCharge, Phase
from demo.refunds import PastRefund
from loyalty.models import Member
from payments.models import AccountEntry, HouseAccount
from payments.states import RefundState
from stores.models import PaymentFlow

CURRENCY = "GBP"
# Documentation names these two. The first one's money is soon gone; the other one's limit is far away.
PAYS_AHEAD, PAYS_BY_INVOICE = "DEMO-MEMBER-1", "DEMO-MEMBER-3"
LEFT = Decimal("30.00")
LIMIT = Decimal("5000.00")
INVOICED_AFTER = timedelta(days=30)


@dataclass(slots=True)
class PastAccounts:
    """The lines of all accounts, unsaved, in the order of the visits."""

    entries: list[AccountEntry] = field(default_factory=list)

    def add(self, past: PastCharge, refund: PastRefund | None) -> None:
        """What collecting and refunding would have written (payments.processors.house_account)."""
        charge = past.charge
        if charge.flow != PaymentFlow.OWN_PROCESSOR or charge.captured_at is None:
            return
        whose = {"member": charge.trip.member, "store": charge.trip.store, "currency": charge.currency}
        self.entries.append(
            AccountEntry(amount=charge.captured, at=charge.captured_at, reference=charge.remote_id, **whose)
        )
        if refund is not None and refund.refund.state == RefundState.DONE:
            [at] = [event.at for event in past.events if (event.kind, event.phase) == (Kind.REFUND, Phase.SUCCEEDED)]
            reference = refund.refund.reconciliation_id
            self.entries.append(AccountEntry(amount=-refund.refund.amount, at=at, reference=reference, **whose))

    def rows(self, members: Mapping[str, Member], now: datetime) -> list[HouseAccount | AccountEntry]:
        """All accounts and lines, with what was paid in."""
        owed: defaultdict[Member, Decimal] = defaultdict(Decimal)
        billed: defaultdict[Member, Decimal] = defaultdict(Decimal)
        for entry in self.entries:
            owed[entry.member] += entry.amount
            if entry.at < now - INVOICED_AFTER:
                billed[entry.member] += entry.amount
        ahead = members[PAYS_AHEAD]
        begun = min(entry.at for entry in self.entries) - timedelta(days=1)
        payments = [_payment(ahead, owed[ahead] + LEFT, begun, "Cash, before the first trip.")]
        payments += [
            _payment(member, amount, now - INVOICED_AFTER / 2, "Bank transfer for the invoice.")
            for member, amount in billed.items()
            if member != ahead and amount > money.ZERO
        ]
        return [*map(_account, {ahead, members[PAYS_BY_INVOICE], *owed}), *payments, *self.entries]


def _account(member: Member) -> HouseAccount:
    if member.external_id == PAYS_AHEAD:
        return HouseAccount(member=member, currency=CURRENCY, kind=HouseAccount.Kind.PREPAID)
    limit = LIMIT if member.external_id == PAYS_BY_INVOICE else None
    return HouseAccount(member=member, currency=CURRENCY, most_owed=limit)


def _payment(member: Member, amount: Decimal, at: datetime, note: str) -> AccountEntry:
    key = uuid.UUID(int=Random(f"payment of {member}").getrandbits(128), version=4)
    return AccountEntry(
        member=member,
        amount=-amount,
        currency=CURRENCY,
        at=at,
        reference=f"paid in/{key}",
        actor="manager",
        note=note,
    )
