"""Staff change what was in the cart or what it costs. What becomes of the money, payments.services.adjustments says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from core.errors import Invalid
from core.languages import in_english
from core.money import Money
from orders.adjusting import Change, Item, changed, total_of
from orders.events import trip_priced
from orders.models import Adjustment, AdjustmentLine, Line, Trip, TripEvent
from orders.pricing import Price, Unpriceable
from orders.states import AdjustmentReason, TripState
from stores.models import Product

_ADJUSTED_FIELDS = ["quantity", "unit_price", "tax_rate", "tax", "total", "problem"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What staff want: what becomes of lines (by pk), and how much of which products is added."""

    changes: Mapping[int, Change]
    added: Sequence[tuple[Product, Decimal]] = ()


@dataclass(frozen=True, slots=True)
class LinePlan:
    """A line that changes; one that is added is not saved yet."""

    line: Line
    before: Item
    after: Item

    @property
    def is_added(self) -> bool:
        return self.line.pk is None

    @property
    def name(self) -> str:
        return self.line.name or self.line.sku


@dataclass(frozen=True, slots=True)
class TripPlan:
    """The lines that change, and what the trip costs before (None: nobody knew) and afterwards."""

    trip: Trip
    lines: list[LinePlan]
    before: Price | None
    after: Price

    @property
    def currency(self) -> str:
        currency: str = self.trip.store.currency
        return currency


def plan_lines(trip: Trip, wanted: Wanted) -> TripPlan:
    """Reads only. Raises Invalid; its field is `line_<pk>` or `added_<number>` where it is about one."""
    lines = list(trip.lines.all())
    if unknown := wanted.changes.keys() - {line.pk for line in lines}:
        raise Invalid(_("This line is not part of the trip."), field=f"line_{min(unknown)}")
    plans = [_plan_line(trip, line, wanted.changes.get(line.pk)) for line in lines]
    last = max((line.position for line in lines), default=0)
    plans += [
        _plan_added(trip, product, quantity, last + number, field=f"added_{number}")
        for number, (product, quantity) in enumerate(wanted.added, start=1)
    ]
    try:
        after = total_of((plan.after for plan in plans), currency=trip.store.currency)
    except Unpriceable as error:
        raise Invalid(_("The trip cannot be priced so: %(error)s.") % {"error": error}) from error
    different = [plan for plan in plans if plan.after is not plan.before]
    if not different:
        raise Invalid(_("Nothing is changed yet: change a quantity or a price, or add a product."))
    return TripPlan(trip=trip, lines=different, before=_price_of(trip), after=after)


def apply_plan(plan: TripPlan, *, key: UUID, reason: str, note: str, actor: str) -> Adjustment:
    """Call with the trip locked, in the transaction that sees to its money. A trip in review is priced by it."""
    trip = plan.trip
    adjustment = Adjustment.objects.create(
        trip=trip,
        key=key,
        actor=actor,
        reason=reason,
        note=note,
        total_before=plan.before.total if plan.before else None,
        total_after=plan.after.total,
    )
    for row in plan.lines:
        _fill_in(row)
    Line.objects.bulk_update([row.line for row in plan.lines if not row.is_added], _ADJUSTED_FIELDS)
    for row in plan.lines:
        if row.is_added:
            row.line.save()
    AdjustmentLine.objects.bulk_create(_changes(adjustment, row) for row in plan.lines)
    detail = " – ".join(filter(None, [_in_words(plan), in_english(AdjustmentReason(reason).label), note]))
    TripEvent.objects.create(
        trip=trip, actor=actor, kind=TripEvent.Kind.ADJUSTED, amount=plan.after.total, detail=detail
    )
    was_in_review = trip.state == TripState.REVIEW
    trip.currency = plan.currency
    trip.subtotal, trip.tax, trip.total = plan.after.net, plan.after.tax, plan.after.total
    if was_in_review:
        trip.mark_priced()
        trip.rest()
    trip.save()
    if was_in_review:
        TripEvent.objects.create(trip=trip, kind=TripEvent.Kind.PRICED, amount=trip.total)
        trip_priced.send(Trip, trip=trip)
    return adjustment


def describe(row: LinePlan, currency: str) -> str:
    """What becomes of the line, in a few words."""
    before, after = row.before, row.after
    unit = "" if after.is_counted else f" {after.unit}"
    if row.is_added:
        return f"{row.name}: {_plain(after.quantity)}{unit} added"
    parts = []
    if not after.quantity:
        return f"{row.name}: {_plain(before.quantity)}{unit} removed"
    if before.quantity != after.quantity:
        parts.append(f"{_plain(before.quantity)} → {_plain(after.quantity)}{unit}")
    if before.unit_price != after.unit_price and after.unit_price is not None:
        was = "no price" if before.unit_price is None else str(Money(before.unit_price, currency))
        parts.append(f"{was} → {Money(after.unit_price, currency)}")
    if before.tax_rate != after.tax_rate and after.tax_rate is not None:
        parts.append(f"tax {_plain(after.tax_rate)} %")
    return f"{row.name}: {', '.join(parts)}"


def item_of(line: Line) -> Item:
    price = None if line.tax is None or line.total is None else Price(tax=line.tax, total=line.total)
    return Item(line.quantity, line.unit, line.unit_price, line.tax_rate, price)


def _plan_line(trip: Trip, line: Line, change: Change | None) -> LinePlan:
    item = item_of(line)
    return LinePlan(line, item, item if change is None else _changed(trip, line, item, change, f"line_{line.pk}"))


def _plan_added(trip: Trip, product: Product, quantity: Decimal, position: int, *, field: str) -> LinePlan:
    if product.store_id != trip.store_id:
        raise Invalid(
            _("%(product)s is not sold in %(store)s.") % {"product": product, "store": trip.store}, field=field
        )
    if quantity <= 0:
        raise Invalid(_("How much of %(name)s is to be added?") % {"name": product.name}, field=field)
    line = Line(
        trip=trip,
        position=position,
        sku=product.sku,
        quantity=Decimal(0),
        unit=product.unit,
        product=product,
        name=product.name,
        tax_rate=product.tax_rate,
    )
    item = item_of(line)
    return LinePlan(line, item, _changed(trip, line, item, Change(quantity, product.price), field))


def _changed(trip: Trip, line: Line, item: Item, change: Change, field: str) -> Item:
    store = trip.store
    try:
        return changed(item, change, currency=store.currency, tax_included=store.prices_include_tax)
    except Unpriceable as error:
        raise Invalid(f"{line.name or line.sku}: {error}.", field=field) from error


def _price_of(trip: Trip) -> Price | None:
    return None if trip.total is None or trip.tax is None else Price(tax=trip.tax, total=trip.total)


def _fill_in(row: LinePlan) -> None:
    line, after = row.line, row.after
    line.quantity, line.unit_price, line.tax_rate = after.quantity, after.unit_price, after.tax_rate
    line.tax, line.total = after.tax, after.total
    line.problem = ""


def _changes(adjustment: Adjustment, row: LinePlan) -> AdjustmentLine:
    before, after = row.before, row.after
    return AdjustmentLine(
        adjustment=adjustment,
        line=row.line,
        quantity_before=before.quantity,
        quantity_after=after.quantity,
        unit_price_before=before.unit_price,
        unit_price_after=after.unit_price,
        tax_before=before.tax,
        tax_after=after.tax,
        total_before=before.total,
        total_after=after.total,
    )


def _in_words(plan: TripPlan) -> str:
    return "; ".join(describe(row, plan.currency) for row in plan.lines)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
