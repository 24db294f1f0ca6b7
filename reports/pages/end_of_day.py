"""One store's day on a sheet of paper: what was sold, taken, given back and owed, and what is still open."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from core.money import ZERO
from orders.states import TripState
from reports.cells import Column, Kind, Value
from reports.models import TripDay
from reports.pages.page import Block, Page, Report, Row
from reports.pages.payments import brand_in_words, way_in_words
from reports.periods import Period
from reports.query import DayForm, Query
from reports.services.day_money import Refunded, refunds_and_debts
from reports.services.debt_flow import Flow
from reports.services.overview_rows import part_of
from reports.services.reading import freshness, within
from reports.services.taxes import RateSum, taxes

DAY, STATES, RATES, WAYS, REFUNDS, DEBTS, OPEN = (
    "The day",
    "Trips by state",
    "Tax by rate",
    "Taken, by way and brand of card",
    "Refunds, by who and why",
    "Debts",
    "Still open",
)
COLUMNS = [
    Column("part", "Part"),
    Column("what", "What"),
    Column("count", "Count", Kind.COUNT),
    Column("net", "Without tax", Kind.MONEY),
    Column("tax", "Tax", Kind.MONEY),
    Column("amount", "Amount", Kind.MONEY),
]


def build(query: Query) -> Report:
    blocks: list[Block] = []
    if query.stores:
        trips = _by_currency(within(TripDay, query))
        refunds, (earlier, now) = refunds_and_debts(query)
        rates = taxes(query.stores[0], query.period.first)
        for currency in sorted(trips.keys() | refunds.keys() | now.keys() | earlier.keys()):
            debts = now.get(currency, {}).get(None, Flow())
            were_open = sum((flow.opens for flow in earlier.get(currency, {}).values()), ZERO)
            wait = _waiting(trips[currency])
            rows = [
                *_day(trips[currency], refunds.get(currency, [])),
                *_states(trips[currency]),
                *_rates(rates.get(currency, [])),
                *_ways(trips[currency]),
                *_refunds(refunds.get(currency, [])),
                *_debts(debts, were_open + debts.opens),
                *_open(trips[currency], **wait),
            ]
            total = _row("Total", "sales of the day", **_sales(trips[currency]))
            blocks.append(Block(currency, rows, total, **wait))
    return Report(query, COLUMNS, blocks, freshness())


def _by_currency(rows: Any) -> defaultdict[str, list[Any]]:
    """All of them: a store's day has some tens."""
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.currency].append(row)
    return found


def _row(part: str, what: str, count: Value = None, amount: Value = None, **more: Value) -> Row:
    """Without what it does not say, so that its cell stays empty."""
    values = {"part": part, "what": what, "count": count, "amount": amount} | more
    return {key: value for key, value in values.items() if value is not None}


def _sales(trips: list[TripDay]) -> dict[str, Value]:
    sums: dict[str, Value] = {"net": _sum(trips, "net"), "tax": _sum(trips, "tax"), "amount": _sum(trips, "gross")}
    return {"count": sum(row.trips for row in trips)} | sums


def _waiting(trips: list[TripDay]) -> dict[str, Any]:
    parts = [part for row in trips if (part := part_of(row))]
    return {name: sum(getattr(part, name) for part in parts) for name in ("unpriced", "uncollected")}


def _day(trips: list[TripDay], refunds: list[Refunded]) -> Iterator[Row]:
    refunded = _sum(refunds, "amount")
    yield _row(DAY, "Trips and sales", **_sales(trips))
    yield _row(DAY, "Refunds done", sum(row.refunds for row in refunds), refunded)
    left = _sum(trips, "gross") - (refunded - _sum(refunds, "adjusted"))  # as Figures.net
    yield _row(DAY, "Sales less refunds", None, left)


def _states(trips: list[TripDay]) -> Iterator[Row]:
    for state in TripState:
        if rows := [row for row in trips if row.state == state]:
            yield _row(STATES, str(state.label), sum(row.trips for row in rows), _sum(rows, "gross"))


def _rates(rates: list[RateSum]) -> Iterator[Row]:
    for rate, lines, tax, gross in rates:
        yield _row(RATES, f"{rate.normalize():f} %", lines, gross, net=gross - tax, tax=tax)


def _ways(trips: list[TripDay]) -> Iterator[Row]:
    found: defaultdict[str, list[TripDay]] = defaultdict(list)
    for row in trips:
        if row.charged:
            brand = f", {brand_in_words(row.brand)}" if row.brand else ""
            found[way_in_words(row.flow, row.processor) + brand].append(row)
    for name, rows in sorted(found.items()):
        yield _row(WAYS, name, sum(row.charged for row in rows), _sum(rows, "captured"))


def _refunds(refunds: list[Refunded]) -> Iterator[Row]:
    for row in sorted(refunds):
        yield _row(REFUNDS, f"{row.person}: {row.reason}", row.refunds, row.amount)


def _debts(flow: Flow, is_open: Value) -> Iterator[Row]:
    yield _row(DEBTS, "Opened", flow.debts, flow.opened)
    yield _row(DEBTS, "Paid by card", None, flow.by_card)
    yield _row(DEBTS, "Paid in the store", None, flow.in_store)
    given_up = {"Waived": flow.waived, "Lowered": flow.lowered, "Written off": flow.written_off}
    yield from (_row(DEBTS, what, None, amount) for what, amount in given_up.items() if amount)
    yield _row(DEBTS, "Open at the end of the day", None, is_open)


def _open(trips: list[TripDay], unpriced: int, uncollected: int) -> Iterator[Row]:
    refused = [row for row in trips if row.state == TripState.FAILED]
    yield _row(OPEN, "Carts without a price", unpriced)
    yield _row(OPEN, "Carts whose money is being collected", uncollected)
    yield _row(OPEN, "Refused, for a person to look at", sum(row.trips for row in refused), _sum(refused, "unpaid"))
    yield _row(OPEN, "Unpaid of the trips of this day, as of now", None, _sum(trips, "unpaid"))


def _sum(rows: list[Any], name: str) -> Any:
    return sum((getattr(row, name) for row in rows), ZERO)


def _columns(group: str) -> list[Column]:
    return COLUMNS


def _fitting(period: Period) -> str:
    return "day"


PAGE = Page(
    key="end-of-day",
    title="End of day",
    about="Trips count on the day they came, refunds and debts on the day of their own.",
    groups={"day": "day"},
    fitting=_fitting,
    compares=False,
    columns=_columns,
    build=build,
    form=DayForm,
    block_template="reports/sheet.html",
)
