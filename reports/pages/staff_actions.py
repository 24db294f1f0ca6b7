"""What each person did: refunds, corrections, decisions, debts given up, and what they took away or looked at."""

from collections import defaultdict
from typing import Any

from core.money import ZERO, rounded
from reports.cells import Column, Kind, Value
from reports.pages.page import Block, Page, Report, Row
from reports.periods import Period
from reports.query import Query
from reports.services.acts import OF_NO_STORE, Act, What, acts, may_be_told
from reports.services.reading import freshness

_COUNT, _MONEY = Kind.COUNT, Kind.MONEY
_HELP = {
    What.REFUND: "Refunds that they asked for and that were done in these days.",
    What.ADJUSTED: "Trips whose items or prices they changed, each time.",
    What.PRODUCT_CHOSEN: "Items in review of which they said what they are.",
    What.EXPORTED: "Files of who did what that they took.",
    What.LOOKED: "Each time they were shown a name, an e-mail address or a phone number.",
}
# What they come to, beside how many they are.
_AMOUNTS = {
    What.REFUND: Column("refunded", "Refunded", _MONEY),
    What.WAIVED: Column("waived_amount", "Waived", _MONEY),
    What.WRITTEN_OFF: Column("written_off_amount", "Written off", _MONEY),
}
_OF_TRIPS = tuple(what for what in What if what not in OF_NO_STORE)


def _columns_of(what: What) -> list[Column]:
    counted = Column(what.value, str(what.label), _COUNT, _HELP.get(what, ""))
    return [counted, _AMOUNTS[what]] if what in _AMOUNTS else [counted]


COLUMNS = [Column("person", "Person"), *(column for what in What for column in _columns_of(what))]


def build(query: Query) -> Report:
    found: defaultdict[str, list[Act]] = defaultdict(list)
    for act in acts(query):
        found[act.currency].append(act)
    blocks = [_block(query, currency, found[currency]) for currency in sorted(found, key=lambda name: (not name, name))]
    return Report(query, COLUMNS, blocks, freshness())


def _block(query: Query, currency: str, done: list[Act]) -> Block:
    """What has no currency is what belongs to no store; such a block has no columns of trips, and the others none of
    those."""
    told = _OF_TRIPS if currency else OF_NO_STORE
    people = sorted({act.person for act in done})
    rows = [_row(query, person, currency, told, [act for act in done if act.person == person]) for person in people]
    total = _row(query, "Total", currency, told, done)
    return Block(currency, rows, total, title="Exports and looks")


def _row(query: Query, person: str, currency: str, told: tuple[What, ...], done: list[Act]) -> Row:
    values: dict[str, Value] = {"person": person}
    for what in told:
        of_kind = [act for act in done if act.what == what]
        is_told = may_be_told(query, what)
        values[what.value] = sum(act.number for act in of_kind) if is_told else None
        if what in _AMOUNTS:
            amount: Any = sum((act.amount for act in of_kind), ZERO)
            values[_AMOUNTS[what].key] = rounded(amount, currency) if is_told else None
    return values


def _columns(group: str) -> list[Column]:
    return COLUMNS


def _fitting(period: Period) -> str:
    return "person"


PAGE = Page(
    key="staff-actions",
    title="Staff actions",
    about="Acts count on the day they were done. A dash is for what you have no right to see.",
    groups={"person": "person"},
    fitting=_fitting,
    compares=False,
    columns=_columns,
    build=build,
    nothing="Nobody did any of this at these stores.",
    right="staff.view_audit",
)
