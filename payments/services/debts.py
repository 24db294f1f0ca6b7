"""What shoppers owe: how it is paid besides by the card, forgiven, or given up for the books."""

from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core import money
from core.errors import Conflict, Invalid
from core.languages import in_english
from core.money import Money
from payments.models import Charge, Debt, DebtSettlement
from payments.services.feedback import plan_report
from payments.services.ledger import Kind, Phase, record
from payments.states import ChargeState, DebtState, SettlementMeans
from staff.models import User

# The key of what a card has paid after all begins so; it is a capture, too.
BY_CARD = "card/"
_BEING_ASKED = {
    ChargeState.PENDING,
    ChargeState.ADJUSTING,
    ChargeState.AUTHORIZED,
    ChargeState.CAPTURING,
    ChargeState.UNKNOWN,
    ChargeState.CANCELLING,
}


def settle(debt: Debt, *, key: UUID, amount: Decimal, means: str, actor: str, note: str = "") -> DebtSettlement:
    """So much of the debt, in its currency, was paid in the store or is waived.

    The same key again with the same content returns the settlement that stands. Raises Conflict when the debt cannot
    be settled so now, or the key stands for another settlement; Invalid when the request itself makes no sense.
    """
    if means not in SettlementMeans.values:
        raise Invalid(
            _("“%(means)s” is none of %(value)s.") % {"means": means, "value": ", ".join(SettlementMeans.values)},
            field="means",
        )
    if means == SettlementMeans.WAIVED and not note.strip():
        raise Invalid(_("Say why the debt is waived."), field="note")
    with transaction.atomic():
        charge, debt = _locked(debt)
        if existing := DebtSettlement.objects.filter(key=key).first():
            return _same_or_conflict(existing, debt, amount, means)
        if obstacle := settlement_obstacle(charge, debt):
            raise Conflict(obstacle)
        check_amount(debt, amount)
        settlement, is_new = DebtSettlement.objects.get_or_create(
            key=key,
            defaults={
                "debt": debt,
                "means": means,
                "amount": amount,
                "currency": debt.currency,
                "note": note,
                "actor": actor,
            },
        )
        if not is_new:  # for another debt, whose lock is another, within these milliseconds
            return _same_or_conflict(settlement, debt, amount, means)
        _lower(charge, debt, settlement)
    return settlement


def write_off(debt: Debt, *, actor: str, note: str) -> None:
    """What is left is lost for the books. The shopper still owes it and may still pay it.

    Raises Conflict when the debt is not open or the card is being asked; Invalid without a note.
    """
    if not note.strip():
        raise Invalid(_("Say why the debt is written off."), field="note")
    with transaction.atomic():
        charge, debt = _locked(debt)
        if obstacle := write_off_obstacle(charge, debt):
            raise Conflict(obstacle)
        record(charge, Kind.DEBT, Phase.WRITTEN_OFF, amount=debt.owed, actor=actor, detail=note)
        debt.write_off()
        debt.save()


def settle_by_card(charge: Charge, taken: Decimal, *, actor: str) -> None:
    """A later round of collecting took `taken`: what was owed from an earlier one is less by that."""
    debt = Debt.objects.select_for_update().filter(charge=charge).first()
    if debt is None or not taken:
        return
    _lower_owed(debt, taken)
    record(
        charge, Kind.DEBT, Phase.PAID, key=f"{BY_CARD}{charge.rounds}", amount=taken, actor=actor, detail="By the card."
    )


def lower_debt(charge: Charge, amount: Decimal, *, key: str, actor: str) -> None:
    """The trip costs less since staff adjusted it, so the shopper owes less. The charge is locked."""
    debt = Debt.objects.select_for_update().get(charge=charge)
    debt.lowered += amount
    _lower_owed(debt, amount)
    record(charge, Kind.DEBT, Phase.LOWERED, key=key, amount=amount, actor=actor)


def paid(charge: Charge) -> Decimal:
    """What was paid of it in whichever way; what was waived was not."""
    paid: Decimal = charge.captured
    if charge.settled:
        waived = charge.events.filter(kind=Kind.DEBT, phase=Phase.WAIVED).aggregate(sum=Sum("amount"))["sum"]
        paid += charge.settled - money.rounded(waived or money.ZERO, charge.currency)
    return paid


def settlement_obstacle(charge: Charge, debt: Debt) -> str:
    """Why no part of the debt can be settled now; empty if one can."""
    if not debt.owed:
        return _("Nothing is owed any more.")
    if charge.state in _BEING_ASKED:
        return _("The card is being asked for it right now. Wait until it is known what came of that.")
    return ""


def write_off_obstacle(charge: Charge, debt: Debt) -> str:
    if debt.state == DebtState.WRITTEN_OFF:
        return _("This debt is written off already.")
    return settlement_obstacle(charge, debt)


def check_amount(debt: Debt, amount: Decimal) -> None:
    """Raises Invalid for what is no amount to settle, and Conflict for more than is owed."""
    if amount <= 0:
        raise Invalid(_("The amount must be more than 0."), field="amount")
    if not money.is_exact(amount, debt.currency):
        raise Invalid(
            _("%(currency)s has %(decimals)s decimals.")
            % {"currency": debt.currency, "decimals": money.decimals(debt.currency)},
            field="amount",
        )
    if amount > debt.owed:
        raise Conflict(
            _("No more than %(amount)s is owed.") % {"amount": Money(debt.owed, debt.currency)}, field="amount"
        )


def with_owed_in_all(debts: QuerySet[Debt], *, seen_by: User) -> QuerySet[Debt]:
    """Each with `owed_in_all`: what its shopper owes in its currency for all trips at the stores that this person
    sees; None where nobody knows who it is."""
    of_shopper = Debt.objects.filter(shopper_id=OuterRef("shopper_id"), currency=OuterRef("currency"), owed__gt=0)
    sums = seen_by.visible(of_shopper).exclude(shopper_id="").order_by().values("shopper_id").annotate(sum=Sum("owed"))
    return debts.annotate(owed_in_all=Subquery(sums.values("sum")))


def _locked(debt: Debt) -> tuple[Charge, Debt]:
    """The charge first, as everywhere: whoever else changes this debt waits for it."""
    charge = Charge.locked(debt.charge_id)
    return charge, Debt.objects.select_for_update().get(pk=debt.pk)


def _same_or_conflict(existing: DebtSettlement, debt: Debt, amount: Decimal, means: str) -> DebtSettlement:
    if (existing.debt_id, existing.amount, existing.means) != (debt.pk, amount, means):
        raise Conflict(_("This key stands for another settlement."), field="key")
    return existing


def _lower(charge: Charge, debt: Debt, settlement: DebtSettlement) -> None:
    is_waived = settlement.means == SettlementMeans.WAIVED
    words = [capfirst(in_english(SettlementMeans(settlement.means).label)), settlement.note]
    charge.settled += settlement.amount
    charge.save()
    _lower_owed(debt, settlement.amount)
    record(
        charge,
        Kind.DEBT,
        Phase.WAIVED if is_waived else Phase.PAID,
        key=str(settlement.key),
        amount=settlement.amount,
        actor=settlement.actor,
        detail=settlement.note if is_waived else " – ".join(filter(None, words)),
    )
    if not is_waived:
        _settle_trip(charge)
    plan_report(charge, "debt waived" if is_waived else "debt settled")


def _lower_owed(debt: Debt, amount: Decimal) -> None:
    debt.owed -= amount
    if not debt.owed:
        debt.settle()
    debt.save()


def _settle_trip(charge: Charge) -> None:
    """The trip is locked with its charge."""
    if paid(charge) == charge.amount:
        charge.trip.settle_debt()
    else:
        charge.trip.settle_part_of_debt()
    charge.trip.save()
