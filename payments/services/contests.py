"""A shopper contests a cart: noted by staff or by the retailer's systems, then decided by somebody with the right.

A decision adjusts the trip, gives money back or rejects, in one transaction with what it brings about, and answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from core import money
from core.errors import Conflict, Invalid
from core.languages import in_english
from core.money import Money
from orders.models import Adjustment, Line, Trip, TripEvent
from orders.services.adjusting import Wanted
from orders.states import TripState
from payments.models import ContestedCart, ContestedLine, Refund
from payments.services.adjustments import adjust_trip
from payments.services.contest_answers import plan_answer
from payments.services.refunds import request_refund
from payments.states import ContestState
from stores.models import Product
from stores.services import find_products


@dataclass(frozen=True, slots=True)
class Claims:
    """How much the shopper says they took: of lines (by pk), and of products that are not in the cart."""

    lines: Mapping[int, Decimal] = field(default_factory=dict)
    added: Sequence[tuple[Product, Decimal]] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides, and what they say: a note for colleagues, an answer to the shopper. Either may be empty."""

    actor: str
    note: str = ""
    answer: str = ""


def open_contest(trip: Trip, claims: Claims, *, key: UUID, message: str, actor: str) -> ContestedCart:
    """The same key again with the same content returns the contest that stands.

    Raises Conflict while the cart is being priced and when the key stands for another contest; Invalid when the claims
    make no sense.
    """
    if trip.state == TripState.RECEIVED:
        raise Conflict(_("The cart is being priced. Try again in a moment."))
    lines = _lines_of(trip, claims)
    if not lines and not message.strip():
        raise Invalid(_("Say what the shopper contests: items, a message, or both."), field="message")
    with transaction.atomic():
        contest, is_new = ContestedCart.objects.get_or_create(
            key=key,
            defaults={"trip": trip, "store_id": trip.store_id, "message": message.strip(), "opened_by": actor},
        )
        if not is_new:
            return _same_or_conflict(contest, trip, lines, message.strip())
        for line in lines:
            line.contest = contest
        ContestedLine.objects.bulk_create(lines)
        detail = "; ".join(claim_in_words(line) for line in lines)
        TripEvent.objects.create(trip=trip, actor=actor, kind=TripEvent.Kind.CONTESTED, detail=detail)
    return contest


def claims_of_skus(trip: Trip, wanted: Mapping[str, Decimal]) -> Claims:
    """What claims by SKU mean for the lines: where a SKU has several, the first ones first, the last takes the rest.

    Raises Invalid for a SKU that is neither in the trip nor sold in its store.
    """
    products = find_products(trip.store, skus=wanted, barcodes=()).by_sku
    lines = list(trip.lines.select_related("product"))
    claimed: dict[int, Decimal] = {}
    added = []
    for sku, quantity in wanted.items():
        of_sku = [line for line in lines if sku in {line.sku, line.product_sku} and line.pk not in claimed]
        if of_sku:
            claimed |= _spread(of_sku, quantity)
        elif sku in products:
            added.append((products[sku], quantity))
        else:
            raise Invalid(
                _("“%(sku)s” is neither in this trip nor sold in %(store)s.") % {"sku": sku, "store": trip.store},
                field="lines",
            )
    return Claims(claimed, added)


def claim_in_words(claim: ContestedLine) -> str:
    quantity = f"{claim.quantity.normalize():f}"
    if claim.line is not None:
        return f"{claim.line.name or claim.line.sku}: {claim.line.plain_quantity} in the cart, {quantity} claimed"
    return f"{claim.product.name if claim.product else ''}: not in the cart, {quantity} claimed"


def decision_obstacle(contest: ContestedCart) -> str:
    """Why nothing can be decided about it; empty when something can."""
    if contest.state == ContestState.OPEN:
        return ""
    return _("%(decided_by)s has decided about it: %(state)s.") % {
        "decided_by": contest.decided_by,
        "state": contest.get_state_display(),
    }


def adjust_contested(
    contest: ContestedCart, wanted: Wanted, *, key: UUID, reason: str, shown: str, decision: Decision
) -> Adjustment:
    """The shopper is right: adjust the trip. Raises as adjust_trip, and Conflict when it is decided already."""
    with transaction.atomic():
        adjustment = adjust_trip(
            contest.trip, wanted, key=key, reason=reason, note=decision.note, actor=decision.actor, shown=shown
        )
        contest = _locked(contest)
        if contest.adjustment_id == adjustment.pk:
            return adjustment  # the same form once more
        given_up = (adjustment.total_before or money.ZERO) - adjustment.total_after
        _check_may_decide(contest, given_up, decision.actor)
        contest.adjust()
        contest.adjustment = adjustment
        _decide(contest, decision, max(given_up, money.ZERO))
    return adjustment


def refund_contested(
    contest: ContestedCart, quantities: Mapping[int, Decimal], *, key: UUID, reason: str, decision: Decision
) -> Refund:
    """Give back these quantities (by line pk) and leave the trip as it is. Raises as request_refund, and as above."""
    with transaction.atomic():
        refund = request_refund(
            contest.trip,
            refund_request_id=key,
            actor=decision.actor,
            reason=reason,
            quantities=quantities,
            note=decision.note,
        )
        contest = _locked(contest)
        if contest.refund_id == refund.pk:
            return refund
        _check_may_decide(contest, refund.amount, decision.actor)
        contest.refund_it()
        contest.refund = refund
        _decide(contest, decision, refund.amount)
    return refund


def reject_contest(contest: ContestedCart, *, decision: Decision) -> None:
    """Nothing changes. Raises Invalid without a note, Conflict when it is decided already."""
    if not decision.note.strip():
        raise Invalid(_("Say why it is rejected."), field="note")
    with transaction.atomic():
        Trip.locked(contest.trip_id)
        contest = _locked(contest)
        _check_may_decide(contest, money.ZERO, decision.actor)
        contest.reject()
        _decide(contest, decision, None)


def _lines_of(trip: Trip, claims: Claims) -> list[ContestedLine]:
    lines = {line.pk: line for line in Line.objects.filter(trip=trip)}
    if claims.lines.keys() - lines.keys():
        raise Invalid(_("This line is not part of the trip."), field="lines")
    if any(product.store_id != trip.store_id for product, _ in claims.added):
        raise Invalid(_("This product is not sold in %(store)s.") % {"store": trip.store}, field="lines")
    claimed = [ContestedLine(line=lines[pk], quantity=quantity) for pk, quantity in claims.lines.items()]
    claimed += [ContestedLine(product=product, quantity=quantity) for product, quantity in claims.added]
    if any(line.quantity < 0 for line in claimed):
        raise Invalid(_("A quantity is negative."), field="lines")
    return claimed


def _spread(lines: Sequence[Line], quantity: Decimal) -> dict[int, Decimal]:
    claimed, left = {}, quantity
    for line in lines[:-1]:
        claimed[line.pk] = min(left, line.quantity)
        left -= claimed[line.pk]
    return claimed | {lines[-1].pk: left}


def _same_or_conflict(
    existing: ContestedCart, trip: Trip, lines: Sequence[ContestedLine], message: str
) -> ContestedCart:
    stands = {(line.line_id, line.product_id): line.quantity for line in existing.lines.all()}
    asked = {(line.line_id, line.product_id): line.quantity for line in lines}
    if (existing.trip_id, existing.message, stands) != (trip.pk, message, asked):
        raise Conflict(_("This contest_id stands for another contest already."), field="contest_id")
    return existing


def _locked(contest: ContestedCart) -> ContestedCart:
    """After the trip, which is locked already: always in this order."""
    return ContestedCart.objects.select_for_update(of=("self",)).select_related("trip__store").get(pk=contest.pk)


def _check_may_decide(contest: ContestedCart, given_up: Decimal, actor: str) -> None:
    """Whoever noted it may decide, unless it is about more than one person may give back alone."""
    if obstacle := decision_obstacle(contest):
        raise Conflict(obstacle)
    limit = contest.trip.store.refund_approval_above
    if actor == contest.opened_by and limit is not None and given_up > limit:
        raise Conflict(
            _("You noted this contest, and it is about more than %(amount)s: somebody else must decide.")
            % {"amount": Money(limit, contest.trip.store.currency)}
        )


def _decide(contest: ContestedCart, decision: Decision, given_up: Decimal | None) -> None:
    contest.decided_by, contest.decided_at, contest.note = decision.actor, Now(), decision.note.strip()
    contest.save()
    if decision.answer.strip():
        plan_answer(contest, decision.answer.strip())
    detail = " – ".join(filter(None, [in_english(ContestState(contest.state).label), contest.note]))
    TripEvent.objects.create(
        trip=contest.trip,
        actor=decision.actor,
        kind=TripEvent.Kind.CONTEST_DECIDED,
        amount=given_up,
        detail=detail,
    )
