"""How much of a trip can be given back: its lines, its amount, its time. Reads only."""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import money
from core.errors import Conflict, Invalid
from core.money import Money
from orders.models import Line, Trip
from payments.models import Charge, RefundLine
from payments.states import RefundState

BY_AMAZON = gettext_lazy("Amazon refunds trips of its checkout service itself: use the merchant portal.")
_NOT_GIVEN = {RefundState.FAILED, RefundState.REJECTED, RefundState.WITHDRAWN}
NOT_FAILED = [state for state in RefundState if state not in _NOT_GIVEN]


def refunded_quantities(trip: Trip, *, without: uuid.UUID | None = None) -> dict[int, Decimal]:
    """How much of each line (by pk) is refunded or on its way back, leaving out the refund with the key `without`."""
    given = RefundLine.objects.filter(line__trip=trip, refund__state__in=NOT_FAILED)
    if without:
        given = given.exclude(refund__refund_request_id=without)
    rows = given.values("line")
    return defaultdict(Decimal, {row["line"]: row["given"] for row in rows.annotate(given=Sum("quantity"))})


def refunded_amounts(trip: Trip) -> dict[int, Decimal]:
    """How much money each line (by pk) has given back, or is about to."""
    given = RefundLine.objects.filter(line__trip=trip, refund__state__in=NOT_FAILED).values("line")
    rows = given.annotate(worth=Sum("amount"))
    currency = trip.store.currency
    return defaultdict(Decimal, {row["line"]: money.rounded(row["worth"], currency) for row in rows})


def quantities_of_skus(
    trip: Trip, wanted: Mapping[str, Decimal], *, refund_request_id: uuid.UUID
) -> dict[int, Decimal]:
    """Which lines (by pk) stand for so much of these SKUs: where a SKU has several lines, the first ones first.

    Raises Invalid for a SKU that is not in the trip and Conflict when less of it is left.
    """
    given = refunded_quantities(trip, without=refund_request_id)
    lines = list(trip.lines.select_related("product"))
    quantities: dict[int, Decimal] = {}
    for sku, quantity in wanted.items():
        of_sku = [line for line in lines if sku in {line.sku, line.product_sku}]
        if not of_sku:
            raise Invalid(_("“%(sku)s” is not in this trip.") % {"sku": sku}, field="lines")
        missing = quantity
        for line in of_sku:
            part = min(missing, line.quantity - given[line.pk])
            if part > 0:
                quantities[line.pk] = part
                missing -= part
        if missing > 0:
            raise Conflict(
                _("Of %(sku)s only %(value)s can still be refunded.")
                % {"sku": sku, "value": f"{quantity - missing:f}"},
                field="lines",
            )
    return quantities


def line_refund(line: Line, already: Decimal, quantity: Decimal, given: Decimal) -> Decimal:
    """What `quantity` of the line gives back after `already` of it gave back `given`: the parts add up to the whole
    line, whatever the line cost when they were given."""
    return max(_share(line, already + quantity) - given, money.ZERO)


def refund_ends_at(charge: Charge, window_days: int) -> datetime | None:
    """Until when Amazon refunds (refund_charge), counted from the capture; None before it."""
    return charge.captured_at and charge.captured_at + timedelta(days=window_days)


def cost_of_lines(trip: Trip, quantities: Mapping[int, Decimal]) -> list[RefundLine]:
    """Unsaved rows with what each line gives back. Raises Invalid and Conflict."""
    given, amounts = refunded_quantities(trip), refunded_amounts(trip)
    lines = {line.pk: line for line in Line.objects.filter(trip=trip).select_related("trip")}
    costs = []
    for pk, quantity in quantities.items():
        line = lines.get(pk)
        if line is None:
            raise Invalid(_("This line is not part of the trip."), field="lines")
        if quantity <= 0:
            raise Invalid(_("The quantity of %(sku)s must be more than 0.") % {"sku": line.sku}, field="lines")
        check_quantity(line, quantity, given[pk])
        amount = line_refund(line, given[pk], quantity, amounts[pk])
        costs.append(RefundLine(line=line, quantity=quantity, amount=amount))
    return costs


def all_items_left(trip: Trip) -> list[RefundLine]:
    """Unsaved rows with what is left of each line."""
    given = refunded_quantities(trip)
    left = {line.pk: line.quantity - given[line.pk] for line in trip.lines.all()}
    return cost_of_lines(trip, {pk: quantity for pk, quantity in left.items() if quantity > 0})


def check_quantity(line: Line, quantity: Decimal, already: Decimal) -> None:
    left = line.quantity - already
    if quantity > left:
        raise Conflict(
            _("Of %(sku)s %(left)s can still be refunded, not %(quantity)s.")
            % {"sku": line.sku, "left": f"{left.normalize():f}", "quantity": f"{quantity.normalize():f}"},
            field="lines",
        )


def window_obstacle(charge: Charge) -> str:
    """That it is too late for a refund; empty while it is not."""
    days = charge.trip.store.refund_window_days
    ends_at = refund_ends_at(charge, days)
    is_over = ends_at is None or datetime.now(UTC) > ends_at
    return (_("The refund window of %(days)s days after the capture has ended.") % {"days": days}) if is_over else ""


def check_window(charge: Charge) -> None:
    if obstacle := window_obstacle(charge):
        raise Conflict(obstacle)


def check_amount(amount: Decimal, left: Decimal, currency: str) -> Decimal:
    if left <= 0:
        raise Conflict(_("All that was captured is refunded or on its way back."), field="amount")
    if amount <= 0:
        raise Invalid(_("The amount must be more than 0."), field="amount")
    if not money.is_exact(amount, currency):
        raise Invalid(
            _("%(currency)s has %(decimals)s decimals.") % {"currency": currency, "decimals": money.decimals(currency)},
            field="amount",
        )
    if amount > left:
        raise Conflict(_("At most %(amount)s can be refunded now.") % {"amount": Money(left, currency)}, field="amount")
    return amount


def _share(line: Line, quantity: Decimal) -> Decimal:
    whole: Decimal = line.total or money.ZERO
    return money.rounded(whole * quantity / line.quantity, line.trip.currency) if line.quantity else money.ZERO
