"""What a day books: each booking by itself in double entry, so that debits equal credits however they are summed.

A sale is owed by the shopper until it is taken, paid in the store, waived or written off. docs/reports.md has the
bookings in a table.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, TruncDate

from core.money import ZERO, rounded
from orders.models import Line
from orders.pricing import Price
from payments.models import Charge, DashCartCharge, DebtSettlement, PaymentEvent
from payments.services.debts import BY_CARD, paid
from payments.states import SettlementMeans
from reports.models import JournalDay
from reports.models.journal import Account, Booking
from reports.refund_shares import Rate, Shares
from reports.services.money_rows import refund_id
from reports.services.same_day import SameDay
from reports.services.sums import currency_of, rate_of_line, summed
from stores.models import Processor

Kind, Phase = PaymentEvent.Kind, PaymentEvent.Phase


@dataclass(frozen=True, slots=True)
class _About:
    """What tells the bookings of a day apart."""

    store_id: int
    booked_on: date
    booking: Booking
    currency: str
    flow: str
    processor: str

    @property
    def collector(self) -> str:
        return self.processor or self.flow


class _Journal:
    """A day's rows, added up."""

    def __init__(self, day: date) -> None:
        self._day = day
        self._rows: dict[tuple[object, ...], JournalDay] = {}

    def book(self, about: _About, debit: str, credit: str, amount: Decimal, count: int = 1) -> None:
        self.enter(about, debit, amount, count)
        self.enter(about, credit, -amount, count)

    def enter(self, about: _About, account: str, amount: Decimal, count: int, rate: Rate | None = None) -> None:
        """One side: a debit, or a credit where the amount is negative."""
        if not amount:
            return
        side = "debit" if amount > 0 else "credit"
        key = (about, account, rate, side)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = JournalDay(
                store_id=about.store_id,
                day=self._day,
                currency=about.currency,
                booked_on=about.booked_on,
                booking=about.booking,
                account=account,
                tax_rate=rate,
                flow=about.flow,
                processor=about.processor,
                debit=ZERO,
                credit=ZERO,
                count=0,
            )
        setattr(row, side, getattr(row, side) + abs(amount))
        row.count += count

    def rows(self) -> Iterator[JournalDay]:
        yield from self._rows.values()


def journal_days(same: SameDay, moved: list[PaymentEvent], shares: Mapping[UUID, Shares]) -> Iterator[JournalDay]:
    journal = _Journal(same.day)
    _book_sales(journal, same)
    _book_dash_carts(journal, same)
    _book_what_was_waived_for_nothing(journal, same)
    _book_refunds(journal, same.day, [event for event in moved if event.kind == Kind.REFUND], shares)
    _book_debts(journal, same.day, [event for event in moved if event.kind == Kind.DEBT])
    yield from journal.rows()


def _book_sales(journal: _Journal, same: SameDay) -> None:
    """What trips cost by their lines, as staff have adjusted them by now, and what was taken for them."""
    sold: defaultdict[_About, Price] = defaultdict(lambda: Price(ZERO, ZERO))
    trips: defaultdict[_About, int] = defaultdict(int)
    for group in _trips(same):
        about = _about(same.day, Booking.SALE, group)
        worth = _price(group)
        sold[about] = Price(sold[about].tax + worth.tax, sold[about].total + worth.total)
        trips[about] += group["trips"]
        taken = replace(about, booked_on=group["taken_on"], booking=Booking.TAKEN)
        amount = rounded(group["taken"], about.currency)
        journal.book(taken, taken.collector, Account.SHOPPERS, amount, group["takings"])
    for about, price in sold.items():
        journal.enter(about, Account.SHOPPERS, price.total, trips[about])
    for group in _lines(same):
        about, price = _about(same.day, Booking.SALE, group), _price(group)
        _enter_sale(journal, about, price, group["trips"], group["rate"])
        sold[about] = Price(sold[about].tax - price.tax, sold[about].total - price.total)
    for about, rest in sold.items():  # nothing, unless a trip was written past the application
        _enter_sale(journal, about, rest, trips[about], None)


def _book_dash_carts(journal: _Journal, same: SameDay) -> None:
    """What Dash Carts had taken from members' house accounts. Their trips have no charge, and may come later."""
    taken = DashCartCharge.objects.filter(**same.within("ended_at", "store"), state=DashCartCharge.State.CAPTURED)
    by = Processor.HOUSE_ACCOUNT.value
    groups = taken.order_by().values("store", "currency").annotate(taken=summed("amount"), takings=Count("pk"))
    for group in groups:
        about = _About(group["store"], same.day, Booking.TAKEN, group["currency"], flow="", processor=by)
        amount = rounded(group["taken"], about.currency)
        journal.book(about, by, Account.SHOPPERS, amount, group["takings"])


def _enter_sale(journal: _Journal, about: _About, price: Price, count: int, rate: Rate | None) -> None:
    journal.enter(about, Account.SALES, -price.net, count, rate)
    journal.enter(about, Account.TAX, -price.tax, count, rate)


def _trips(same: SameDay) -> QuerySet[Any, Any]:
    taken_on = TruncDate(Coalesce("charge__captured_at", "received_at"), tzinfo=ZoneInfo(same.zone))
    return (
        same.came()
        .values(**_kinds(), taken_on=taken_on)
        .annotate(
            trips=Count("pk", filter=Q(total__gt=0)),
            taxes=summed("tax"),
            worth=summed("total"),
            taken=summed("charge__captured"),
            takings=Count("pk", filter=Q(charge__captured__gt=0)),
        )
    )


def _lines(same: SameDay) -> QuerySet[Any, Any]:
    of_day = same.within("trip__received_at", "trip__store")
    lines = Line.objects.filter(**of_day, trip__total__isnull=False).order_by()
    return lines.values(**_kinds("trip__"), rate=rate_of_line()).annotate(
        trips=Count("trip", distinct=True, filter=Q(total__gt=0)), taxes=summed("tax"), worth=summed("total")
    )


def _kinds(path: str = "") -> dict[str, Any]:
    return {
        "in_store": F(f"{path}store"),
        "of_currency": currency_of(path),
        "flow": Coalesce(f"{path}charge__flow", Value("")),
        "processor": Coalesce(f"{path}charge__processor", Value("")),
    }


def _about(day: date, booking: Booking, group: Mapping[str, Any]) -> _About:
    return _About(group["in_store"], day, booking, group["of_currency"], group["flow"], group["processor"])


def _price(group: Mapping[str, Any]) -> Price:
    currency = group["of_currency"]
    return Price(tax=rounded(group["taxes"], currency), total=rounded(group["worth"], currency))


def _book_what_was_waived_for_nothing(journal: _Journal, same: SameDay) -> None:
    """A trip that costs less since a part of its debt was waived: so much of that was never owed."""
    of_day = same.within("trip__received_at", "trip__store")
    charges = Charge.objects.filter(**of_day, settled__gt=0, amount__gt=F("trip__total"))
    for charge in charges.select_related("trip"):
        has_paid = paid(charge)
        waived = charge.captured + charge.settled - has_paid
        for_nothing = min(waived, has_paid + waived - (charge.trip.total or ZERO))
        journal.book(_about_charge(same.day, Booking.LOWERED, charge), Account.SHOPPERS, Account.WAIVED, for_nothing)


def _about_charge(day: date, booking: Booking, charge: Charge) -> _About:
    return _About(charge.trip.store_id, day, booking, charge.currency, charge.flow, charge.processor)


def _book_refunds(journal: _Journal, day: date, events: list[PaymentEvent], shares: Mapping[UUID, Shares]) -> None:
    for event in events:
        about = _about_charge(day, Booking.REFUND, event.charge)
        share = shares[refund_id(event)]
        back = replace(about, booking=Booking.PAID_BACK)
        journal.book(back, Account.SHOPPERS, back.collector, share.overpaid)
        for rate, price in share.sales.items():
            journal.enter(about, Account.SALES, price.net, 1, rate)
            journal.enter(about, Account.TAX, price.tax, 1, rate)
        journal.enter(about, about.collector, share.overpaid - (event.amount or ZERO), 1)


def _book_debts(journal: _Journal, day: date, events: list[PaymentEvent]) -> None:
    """What comes after a debt was written off, comes in place of that."""
    charges = {event.charge_id for event in events}
    if not charges:
        return
    written_off = PaymentEvent.objects.filter(charge__in=charges, kind=Kind.DEBT, phase=Phase.WRITTEN_OFF)
    lost_since = dict(written_off.order_by().values_list("charge", "pk"))
    settlements = DebtSettlement.objects.filter(debt__charge__in=charges).values_list("key", "means")
    means = {str(key): how for key, how in settlements}
    for event in events:
        is_lost = lost_since.get(event.charge_id, event.pk) < event.pk
        sides = _sides(event, means.get(event.key, ""), is_lost=is_lost)
        if sides:
            booking, debit, credit = sides
            journal.book(_about_charge(day, booking, event.charge), debit, credit, event.amount or ZERO)


def _sides(event: PaymentEvent, means: str, *, is_lost: bool) -> tuple[Booking, Account, Account] | None:
    """None where nothing is to be booked: the debt itself stands since the sale, and a capture is booked as one."""
    owed = Account.BAD_DEBTS if is_lost else Account.SHOPPERS
    if event.phase == Phase.PAID and not event.key.startswith(BY_CARD):
        is_terminal = means == SettlementMeans.TERMINAL
        return Booking.PAID_IN_STORE, Account.TERMINAL if is_terminal else Account.CASH, owed
    if event.phase == Phase.WAIVED:
        return Booking.WAIVED, Account.WAIVED, owed
    if event.phase == Phase.WRITTEN_OFF:
        return Booking.WRITTEN_OFF, Account.BAD_DEBTS, Account.SHOPPERS
    if event.phase == Phase.LOWERED and is_lost:
        return Booking.LOWERED, Account.SHOPPERS, Account.BAD_DEBTS
    return None
