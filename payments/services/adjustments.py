"""Staff adjust a trip: what becomes of its money. The lines themselves change in orders.services.adjusting.

Before the money is taken, the new total is asked for instead. Afterwards a lower total makes the debt smaller, and what
was paid beyond it is refunded; a higher one is refused. Nothing is changed while a call has no answer yet.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import money
from core.errors import Conflict, Invalid
from core.languages import in_english
from core.money import Money
from orders.models import Adjustment, Trip
from orders.services.adjusting import TripPlan, Wanted, apply_plan, plan_lines
from orders.states import AdjustmentReason, TripState
from payments.adjusted_money import Consequence, PaidInStore, Standing, lower
from payments.models import Charge
from payments.services.debts import lower_debt, paid
from payments.services.feedback import plan_report
from payments.services.ledger import Kind, Phase
from payments.services.refund_approval import needs_approval
from payments.services.refund_limits import check_limit
from payments.services.refundable import BY_AMAZON, check_window, refunded_amounts, refunded_quantities
from payments.services.refunds import request_refund
from payments.states import ChargeState, ReasonCode
from stores.models import PaymentFlow

_OPEN = {ChargeState.PENDING, ChargeState.ADJUSTING, ChargeState.AUTHORIZED}
_BEING_TAKEN = {ChargeState.CAPTURING, ChargeState.UNKNOWN}
# What Amazon is told of a refund's reason.
_CODES: dict[str, ReasonCode] = {
    AdjustmentReason.NOT_TAKEN: ReasonCode.JWO_TECH_ERROR,
    AdjustmentReason.MISSED: ReasonCode.JWO_TECH_ERROR,
    AdjustmentReason.WRONG_ITEM: ReasonCode.JWO_TECH_ERROR,
    AdjustmentReason.SPOILT: ReasonCode.DAMAGED_ITEM,
}
_NOTHING = Consequence(money.ZERO, money.ZERO, money.ZERO, money.ZERO)


class Way(StrEnum):
    """How the money follows."""

    PRICE = "price"  # the trip leaves the review, and its total is asked for
    ASK = "ask"  # the new total is asked for instead
    RELEASE = "release"  # nothing is to be paid: the hold is released
    WAIT = "wait"  # it was refused; the new total is asked for when somebody presses “Try again”
    LOWER = "lower"  # it was asked for already: the debt gets smaller, and what is too much goes back


@dataclass(frozen=True, slots=True)
class Plan:
    """What an adjustment would do, shown before it is done. `fingerprint` is the same as long as that is the same."""

    lines: TripPlan
    way: Way
    money: Consequence
    needs_approval: bool

    @property
    def currency(self) -> str:
        return self.lines.currency

    @property
    def fingerprint(self) -> str:
        lines = [(row.line.position, str(row.before), str(row.after)) for row in self.lines.lines]
        told = [lines, str(self.lines.before), str(self.lines.after), str(self.way), str(self.money)]
        return hashlib.sha256(repr([*told, self.needs_approval]).encode()).hexdigest()


def plan_adjustment(trip: Trip, wanted: Wanted, *, actor: str) -> Plan:
    """Reads only. Raises Conflict when the trip cannot be adjusted so now, Invalid when it makes no sense."""
    charge = _charges().filter(trip=trip).first()
    trip = charge.trip if charge else Trip.objects.select_related("store").get(pk=trip.pk)
    return _plan(trip, charge, wanted, actor)


def adjust_trip(
    trip: Trip, wanted: Wanted, *, key: UUID, reason: str, note: str = "", actor: str, shown: str
) -> Adjustment:
    """Adjust the trip, if that still does what the person was shown (the plan's fingerprint).

    The same key again with the same content returns the adjustment that stands. Raises as plan_adjustment, and Conflict
    when the trip has changed meanwhile or the key stands for another adjustment.
    """
    if reason not in AdjustmentReason.values:
        raise Invalid(
            _("“%(reason)s” is none of %(value)s.") % {"reason": reason, "value": ", ".join(AdjustmentReason.values)},
            field="reason",
        )
    with transaction.atomic():
        trip, charge = _locked(trip)
        if existing := Adjustment.objects.filter(key=key).first():
            return _same_or_conflict(existing, trip, wanted, reason)
        plan = _plan(trip, charge, wanted, actor)
        if plan.fingerprint != shown:
            raise Conflict(_("The trip has changed since you opened this. Look at it again."), field="shown")
        adjustment = apply_plan(plan.lines, key=key, reason=reason, note=note, actor=actor)
        if charge is not None:
            _follow(charge, plan, adjustment)
    return adjustment


def adjustment_obstacle(trip: Trip, charge: Charge | None) -> str:
    """Why nothing of the trip can be adjusted now; empty when something can."""
    if charge is None:
        return str(_OBSTACLES_WITHOUT_CHARGE.get(trip.state, "")) if trip.state != TripState.REVIEW else ""
    if charge.flow == PaymentFlow.CHECKOUT_SERVICE and charge.captured_at is not None:
        return _("Amazon's checkout service has charged this very cart. %(by_amazon)s") % {"by_amazon": BY_AMAZON}
    if charge.state in _BEING_TAKEN:
        return _("The money is being taken, and it is not known yet whether it was. %(try_again)s") % {
            "try_again": _try_again(trip, charge)
        }
    if charge.state in {ChargeState.CANCELLING, ChargeState.CANCELLED}:
        return _("Nothing was to be paid, so the hold is released: nothing can be charged for this trip any more.")
    if charge.state in _OPEN:
        return _obstacle_while_open(trip, charge)
    return ""


def _obstacle_while_open(trip: Trip, charge: Charge) -> str:
    if _is_being_asked(charge):
        return _("%(collector)s is being asked for the money at this moment. %(try_again)s") % {
            "collector": charge.collector,
            "try_again": _try_again(trip, charge),
        }
    if getattr(charge, "debt", None) is not None:
        return _("The card is being asked for the debt of this trip. %(try_again)s") % {
            "try_again": _try_again(trip, charge)
        }
    unanswered = charge.events.filter(kind=Kind.CAPTURE, phase=Phase.UNKNOWN, key=str(charge.rounds))
    if unanswered.exists():
        return _("A call that stayed without an answer may still have taken the money. %(try_again)s") % {
            "try_again": _try_again(trip, charge)
        }
    return ""


_OBSTACLES_WITHOUT_CHARGE = {
    TripState.RECEIVED: gettext_lazy("The cart is being priced. Try again in a moment."),
    TripState.PRICED: gettext_lazy("A Dash Cart pays for this trip: what it takes is not collected here."),
}


def _is_being_asked(charge: Charge) -> bool:
    """Whether a call may be under way: it left, and the lease of whoever made it has not ended."""
    if charge.asked_at is None:
        return False
    return Charge.objects.filter(pk=charge.pk, next_attempt_at__gt=Now()).exists()


def _try_again(trip: Trip, charge: Charge) -> str:
    if charge.next_attempt_at is None:
        return _("Try again once it is known.")
    at = charge.next_attempt_at.astimezone(ZoneInfo(trip.store.time_zone))
    return _("Try again once it is known, after %(at)s at the latest.") % {"at": f"{at:%H:%M:%S}"}


def _charges() -> QuerySet[Charge]:
    return Charge.objects.select_related("trip__store", "trip__member", "debt")


def _locked(trip: Trip) -> tuple[Trip, Charge | None]:
    """The charge with its trip, as everybody who moves its money; the trip alone while it has none."""
    charge = Charge.for_update().filter(trip=trip).first()
    if charge is not None:
        return charge.trip, charge
    trip = Trip.locked(trip.pk)
    if Charge.objects.filter(trip=trip).exists():
        raise Conflict(_("The trip has changed since you opened this. Look at it again."), field="shown")
    return trip, None


def _same_or_conflict(existing: Adjustment, trip: Trip, wanted: Wanted, reason: str) -> Adjustment:
    became = {row.line_id: row.quantity_after for row in existing.lines.all() if not row.is_added}
    is_same = existing.trip_id == trip.pk and existing.reason == reason
    is_same = is_same and all(
        pk in wanted.changes and wanted.changes[pk].quantity == quantity for pk, quantity in became.items()
    )
    if not is_same:
        raise Conflict(_("This form was sent before, as another adjustment."), field="key")
    return existing


def _plan(trip: Trip, charge: Charge | None, wanted: Wanted, actor: str) -> Plan:
    if obstacle := adjustment_obstacle(trip, charge):
        raise Conflict(obstacle)
    lines = plan_lines(trip, wanted)
    _check_refunded(lines)
    total = lines.after.total
    if charge is None:
        return Plan(lines, Way.PRICE, _NOTHING, needs_approval=False)
    if _may_be_asked_anew(charge):
        way = Way.RELEASE if not total else Way.WAIT if charge.state == ChargeState.FAILED else Way.ASK
        return Plan(lines, way, _NOTHING, needs_approval=False)
    return _plan_lower(charge, lines, actor)


def _may_be_asked_anew(charge: Charge) -> bool:
    """Nothing was taken, nothing is owed, and the new total can still be asked for."""
    return charge.state in _OPEN or (charge.state == ChargeState.FAILED and getattr(charge, "debt", None) is None)


def _plan_lower(charge: Charge, lines: TripPlan, actor: str) -> Plan:
    standing, total = _standing(charge), lines.after.total
    if total > standing.total:
        raise Conflict(
            _(
                "The money was asked for already, so the trip cannot cost more than %(amount)s now; with this it "
                "would cost %(amount2)s."
            )
            % {"amount": Money(standing.total, charge.currency), "amount2": Money(total, charge.currency)}
        )
    try:
        follows = lower(standing, total)
    except PaidInStore as error:
        in_store = Money(error.amount, charge.currency)
        raise Conflict(
            _(
                "%(in_store)s of it was paid in the store and can be given back only there, so the trip cannot cost "
                "less."
            )
            % {"in_store": in_store}
        ) from error
    awaits = False
    if follows.gives_back:
        check_window(charge)
        check_limit(charge, follows.gives_back, actor=actor)
        awaits = needs_approval(charge, follows.gives_back, requested_by=actor)
    return Plan(lines, Way.LOWER, follows, needs_approval=awaits)


def _standing(charge: Charge) -> Standing:
    """What was waived is what was settled and not paid."""
    return Standing(
        total=charge.trip.total or money.ZERO,
        to_collect=charge.amount,
        captured=charge.captured,
        settled=charge.settled,
        waived=charge.captured + charge.settled - paid(charge),
        committed=charge.committed,
    )


def _check_refunded(plan: TripPlan) -> None:
    """What was given back of a line stays part of it."""
    quantities, amounts = refunded_quantities(plan.trip), refunded_amounts(plan.trip)
    for row in plan.lines:
        given, amount = quantities[row.line.pk], Money(amounts[row.line.pk], plan.currency)
        worth = row.after.price.total if row.after.price else money.ZERO
        if row.after.quantity < given or worth < amount.amount:
            raise Conflict(
                _(
                    "%(name)s: %(given)s of it, worth %(amount)s, is refunded or on its way back. It can become no "
                    "less than that."
                )
                % {"name": row.name, "given": f"{given.normalize():f}", "amount": amount},
                field=f"line_{row.line.pk}",
            )


def _follow(charge: Charge, plan: Plan, adjustment: Adjustment) -> None:
    if plan.way == Way.LOWER:
        _lower(charge, plan, adjustment)
        return
    charge.amount = plan.lines.after.total
    if plan.way != Way.WAIT:
        _ask_anew(charge)
    charge.save()


def _ask_anew(charge: Charge) -> None:
    """In another round, whose events tell of the new total."""
    charge.rounds += 1
    if charge.state in _OPEN:
        charge.change_amount()
    else:
        charge.start_again()
    charge.rest()
    charge.due_now()


def _lower(charge: Charge, plan: Plan, adjustment: Adjustment) -> None:
    follows = plan.money
    charge.amount = follows.to_collect
    if follows.lowers_debt:
        lower_debt(charge, follows.lowers_debt, key=str(adjustment.key), actor=adjustment.actor)
    if not charge.amount and charge.state in {ChargeState.DECLINED, ChargeState.FAILED}:
        _ask_anew(charge)  # which asks for nothing, and releases what is held
    charge.save()
    _settle_trip(charge)
    if follows.gives_back:
        request_refund(
            charge.trip,
            refund_request_id=adjustment.key,
            actor=adjustment.actor,
            reason=_CODES.get(adjustment.reason, ReasonCode.OTHER),
            amount=follows.gives_back,
            note=f"Adjusted: {adjustment.note or in_english(AdjustmentReason(adjustment.reason).label)}",
        )
    plan_report(charge, "adjusted")


def _settle_trip(charge: Charge) -> None:
    """What is left to pay may be paid already."""
    trip, has_paid = charge.trip, paid(charge)
    has_ended = trip.state in {TripState.PARTLY_PAID, TripState.UNPAID, TripState.EXPIRED, TripState.FAILED}
    if not has_ended or charge.state == ChargeState.PENDING or has_paid < trip.total:
        return
    if has_paid:
        trip.settle_debt()
    else:
        trip.mark_no_charge()
    trip.save()
