"""What shoppers owe: what of it is opened, paid and given up, and what stays open."""

from collections.abc import Iterator
from decimal import Decimal

from core.money import ZERO
from reports.cells import Column, Kind, Value
from reports.days import STARTS
from reports.figures import divided
from reports.pages import grouping
from reports.pages.buckets import buckets
from reports.pages.cards import cards_of
from reports.pages.links import Links
from reports.pages.page import Block, Page, Report, Row
from reports.query import BY_HOUR, BY_STORE, Query
from reports.services.debt_flow import AGES, Flow, Flows, Owed, debt_flow, open_debts
from reports.services.reading import freshness

GROUPS = {key: name for key, name in grouping.GROUPS.items() if key != BY_HOUR} | {"age": "age of what is open now"}
_FLOW = [
    Column("debts", "New debts", Kind.COUNT, "Trips of which something stayed unpaid."),
    Column("opened", "Opened", Kind.MONEY, "What shoppers came to owe."),
    Column("by_card", "By card", Kind.MONEY, "Paid when the card was asked again."),
    Column("in_store", "In the store", Kind.MONEY, "Paid there, by cash or at a terminal."),
    Column("recovered", "Recovered", Kind.MONEY, "Paid by card or in the store, whenever the debt was opened."),
    Column("recovery_rate", "Recovery rate", Kind.SHARE, "Recovered, of what was opened in the same days."),
    Column("waived", "Waived", Kind.MONEY),
    Column("lowered", "Lowered", Kind.MONEY, "Since staff have adjusted the trip."),
    Column("written_off", "Written off", Kind.MONEY),
    Column(
        "after_write_off",
        "Thereafter",
        Kind.MONEY,
        "What of these concerns debts that had been written off.",
    ),
]
_OPEN = Column("open", "Open", Kind.MONEY, "Still owed when the days ended, without what is written off.")
_SMALL = {"by_card", "in_store", "lowered", "after_write_off"}
_CARDS = [column for column in (*_FLOW, _OPEN) if column.key not in _SMALL]
_AGE = [
    Column("age", "Open for"),
    Column("debts", "Debts", Kind.COUNT, "At this moment, whatever days are chosen."),
    Column("owed", "Owed", Kind.MONEY, "At this moment, whatever days are chosen."),
    Column("share", "Of all that is owed", Kind.SHARE),
]


def columns(group: str) -> list[Column]:
    if group == "age":
        return _AGE
    return [grouping.head(group), *_FLOW, _OPEN]


def build(query: Query) -> Report:
    if query.group == BY_STORE:
        earlier, now = debt_flow(query, "store", lambda store: store)
    else:
        earlier, now = debt_flow(query, "of_day", STARTS.get(query.group, STARTS["day"]))
    before = _totals(query.before) if query.before else {}
    ages = open_debts(query) if query.group == "age" else {}
    links, blocks = Links(query, "debts"), []
    for currency in sorted(earlier.keys() | now.keys() | before.keys() | ages.keys()):
        total = _row("Total", _added(now, currency), _open_before(earlier, currency))
        then = before.get(currency, _row("Total", Flow(), ZERO)) if query.before else None
        cards = cards_of(links, _CARDS, currency, total, then)
        if query.group == "age":
            rows = list(_age_rows(ages.get(currency, [])))
            blocks.append(Block(currency, rows, _age_total(rows), cards=cards))
        else:
            rows = list(_rows(query, now.get(currency, {}), earlier.get(currency, {})))
            blocks.append(Block(currency, rows, total, then, cards=cards))
    return Report(query, columns(query.group), blocks, freshness())


def _totals(query: Query) -> dict[str, Row]:
    earlier, now = debt_flow(query, "of_day", lambda day: None)
    currencies = earlier.keys() | now.keys()
    return {each: _row("Total", _added(now, each), _open_before(earlier, each)) for each in currencies}


def _rows(query: Query, now: dict[object, Flow], earlier: dict[object, Flow]) -> Iterator[Row]:
    if query.group == BY_STORE:
        for store in query.stores:
            if store.pk in now or store.pk in earlier:
                yield _row(store.name, now.get(store.pk, Flow()), earlier.get(store.pk, Flow()).opens)
        return
    is_open = sum((flow.opens for flow in earlier.values()), ZERO)
    for start in buckets(query.period, query.group):
        flow = now.get(start, Flow())
        yield _row(grouping.label(query, start), flow, is_open)
        is_open += flow.opens


def _row(label: Value, flow: Flow, was_open: Decimal) -> Row:
    values: dict[str, Value] = {column.key: getattr(flow, column.key) for column in _FLOW}
    return {"group": label, "open": was_open + flow.opens} | values


def _added(flows: Flows, currency: str) -> Flow:
    total = Flow()
    for flow in flows.get(currency, {}).values():
        total.add(flow)
    return total


def _open_before(earlier: Flows, currency: str) -> Decimal:
    return _added(earlier, currency).opens


def _age_rows(owed: list[Owed]) -> Iterator[Row]:
    whole = sum((each.amount for each in owed), ZERO)
    youngest = 0
    for days, each in zip(AGES, owed, strict=False):
        label = f"{youngest} to {days} days" if days else "longer"
        share = divided(each.amount, whole)
        yield {"age": label, "debts": each.debts, "owed": each.amount, "share": share}
        youngest = (days or 0) + 1


def _age_total(rows: list[Row]) -> Row:
    sums = {key: sum((Decimal(str(row[key])) for row in rows), ZERO) for key in ("debts", "owed")}
    return {"age": "Total", "share": Decimal(1) if sums["owed"] else None} | sums


PAGE = Page(
    key="debts",
    title="Debts",
    about="What happened to debts in these days, whenever their trips came, and what was open when the days ended.",
    groups=GROUPS,
    fitting=grouping.fitting_days,
    compares=True,
    columns=columns,
    build=build,
)
