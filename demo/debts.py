"""What became of the debts of the demo's past, with the events that it would have left (payments.services.debts)."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from core import money
from demo.charges import Kind, PastCharge, Phase
from demo.visits import Visit
from payments.models import DebtSettlement
from payments.states import SettlementMeans

OPEN, PAID, PARTLY_PAID, WAIVED, WRITTEN_OFF = "open", "paid", "partly paid", "waived", "written off"
COMMON = {OPEN: 40, PAID: 25, PARTLY_PAID: 12, WAIVED: 13, WRITTEN_OFF: 10}
REASONS = ("The gate let them in by mistake.", "Goodwill: the till was closed.", "Less than the letter costs.")
LOST = "Nobody has answered our letters."
NOTES = ("", "", "Paid at the counter.", "Came back the next day.")


def past_settlements(visit: Visit, past: PastCharge, now: datetime) -> list[DebtSettlement]:
    """Changes the trip, the charge and its debt, and adds the events. What would lie ahead has not happened."""
    debt, random = past.debt, visit.random
    if debt is None:
        return []
    fate = random.choices(list(COMMON), list(COMMON.values()))[0]
    delay = timedelta(days=random.uniform(20, 30) if fate == WRITTEN_OFF else random.uniform(1, 8))
    if fate == OPEN or past.at + delay >= now:
        return []
    past.at += delay
    match fate:
        case "paid":
            return [_pay(past, random, debt.owed)]
        case "partly paid":
            return [_pay(past, random, money.rounded(debt.owed / 3, debt.currency))]
        case "waived":
            return [_waive(past, random)]
        case _:
            past.record(Kind.DEBT, Phase.WRITTEN_OFF, debt.owed, actor="manager", detail=LOST, seconds=0)
            debt.write_off()
            return []


def _pay(past: PastCharge, random: Random, amount: Decimal) -> DebtSettlement:
    means = random.choice([SettlementMeans.CASH, SettlementMeans.TERMINAL])
    settlement = _settle(past, random, amount, means, actor="associate", note=random.choice(NOTES))
    detail = " – ".join(filter(None, [means.label.capitalize(), settlement.note]))
    past.record(Kind.DEBT, Phase.PAID, amount, actor="associate", key=str(settlement.key), detail=detail, seconds=0)
    charge = past.charge
    if charge.captured + charge.settled == charge.amount:
        charge.trip.settle_debt()
    else:
        charge.trip.settle_part_of_debt()
    return settlement


def _waive(past: PastCharge, random: Random) -> DebtSettlement:
    amount = past.charge.outstanding
    settlement = _settle(past, random, amount, SettlementMeans.WAIVED, actor="manager", note=random.choice(REASONS))
    key, note = str(settlement.key), settlement.note
    past.record(Kind.DEBT, Phase.WAIVED, amount, actor="manager", key=key, detail=note, seconds=0)
    return settlement


def _settle(
    past: PastCharge, random: Random, amount: Decimal, means: SettlementMeans, *, actor: str, note: str
) -> DebtSettlement:
    debt = past.debt
    assert debt is not None
    past.charge.settled += amount
    debt.owed -= amount
    if not debt.owed:
        debt.settle()
    return DebtSettlement(
        debt=debt,
        key=uuid.UUID(int=random.getrandbits(128), version=4),
        at=past.at,
        means=means,
        amount=amount,
        currency=debt.currency,
        note=note,
        actor=actor,
    )
