"""What became of a charge: the trip, the debt, the card, points, the receipt and Amazon's feedback follow from it.

Every function runs in the transaction that writes the outcome, with the charge locked; the caller saves the charge.
"""

from collections.abc import Callable
from decimal import Decimal

from django.db.models.functions import Now

from core import money, writes
from orders.models import Trip
from payments.models import CardDetails, Charge, Debt
from payments.services.debts import paid, settle_by_card
from payments.services.feedback import plan_report
from payments.services.ledger import Kind, Phase, record
from payments.services.points import earn_points
from payments.services.receipts import plan_receipt
from stores.models import PaymentFlow


def captured(charge: Charge, taken: Decimal, *, actor: str = "Amazon", detail: str = "") -> None:
    """`taken` of the charge's currency was taken; where less than what is to be paid, the rest becomes debt."""
    charge.captured = taken
    charge.captured_at = Now()
    record(charge, Kind.CAPTURE, Phase.SUCCEEDED, amount=taken, actor=actor, detail=detail)
    charge.rest()
    if _debt_of(charge):
        settle_by_card(charge, taken, actor=actor)
    if charge.outstanding:
        charge.capture_partly()
        _owe(charge)
    else:
        charge.capture()
    trip = _settle_trip(charge, _mark_as_paid(charge))
    if charge.flow == PaymentFlow.PAYMENT_SERVICE:
        writes.insert(CardDetails(charge=charge, next_attempt_at=Now()))
    earn_points(trip, taken)
    plan_receipt(charge)
    plan_report(charge, "captured")


def declined(charge: Charge) -> None:
    """Nothing can be taken: all of it is debt."""
    charge.decline()
    charge.rest()
    _owe(charge)
    _settle_trip(charge, Trip.mark_partly_paid if paid(charge) else Trip.mark_unpaid)
    plan_report(charge, "declined")


def cancelled(charge: Charge) -> None:
    """Nothing is to be paid, and nothing is held any more."""
    charge.cancel()
    charge.authorized = money.ZERO
    charge.rest()
    _settle_trip(charge, Trip.mark_no_charge)
    plan_report(charge, "no charge")


def expired(charge: Charge, error: str, *, is_owed: bool) -> None:
    """Amazon alone says so. `is_owed`: something was to be paid, and becomes debt."""
    charge.expire()
    charge.rest()
    charge.last_error = error
    if is_owed:
        _owe(charge)
    _settle_trip(charge, Trip.mark_partly_paid if paid(charge) else Trip.mark_expired)
    plan_report(charge, "expired")


def failed(charge: Charge, error: str) -> None:
    """Refused for a reason that a person must look at; nothing was taken. No outcome yet that could be reported."""
    charge.fail()
    charge.rest()
    charge.last_error = error
    _settle_trip(charge, Trip.mark_failed)


def _owe(charge: Charge) -> None:
    """Open the debt; one that stands from an earlier round still stands."""
    if _debt_of(charge):
        return
    owed, shopper_id = charge.outstanding, charge.trip.shopper_id
    writes.insert(Debt(charge=charge, amount=owed, owed=owed, currency=charge.currency, shopper_id=shopper_id))
    record(charge, Kind.DEBT, Phase.OPENED, amount=owed, detail="What the shopper still owes.")


def _debt_of(charge: Charge) -> Debt | None:
    """Of a locked charge, so that none can come about meanwhile."""
    debt: Debt | None = getattr(charge, "debt", None)
    return debt


def _mark_as_paid(charge: Charge) -> Callable[[Trip], None]:
    is_paid = paid(charge) == charge.amount
    outcome: Callable[[Trip], None] = Trip.mark_paid if is_paid else Trip.mark_partly_paid
    return outcome if charge.amount else Trip.mark_no_charge


def _settle_trip(charge: Charge, outcome: Callable[[Trip], None]) -> Trip:
    """The trip is locked with its charge."""
    outcome(charge.trip)
    writes.update(charge.trip, "state")
    trip: Trip = charge.trip
    return trip
