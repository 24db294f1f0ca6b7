"""The accountant's journal: what is to be booked, in double entry."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Sum

from core.errors import Invalid
from core.money import ZERO, rounded
from reports.cells import Column, Kind, Value
from reports.models.journal import Account, Booking, JournalDay
from reports.pages.connector import NO_STORE
from reports.pages.page import Block, Page, Report, Row
from reports.pages.payments import way_in_words
from reports.periods import Period
from reports.query import Query
from reports.services.account_payments import booked_payments
from reports.services.reading import freshness, waiting
from reports.services.sums import summed
from stores.models import PaymentFlow, Processor

ENTRY = "entry"
GROUPS = {"account": "account", "day": "day and account", ENTRY: "each entry"}
MOST_DAYS_OF_ENTRIES = 93
_DAYS_BY_DAY = 31

_MOVED = [
    Column("debit", "Debit", Kind.MONEY),
    Column("credit", "Credit", Kind.MONEY),
    Column("count", "Of", Kind.COUNT, "So many trips, refunds, debts or payments stand behind it."),
]
_DAY = Column("day", "Day", Kind.DAY)
_ACCOUNT = (Column("number", "Number", help="Of the account, as LEDGER_ACCOUNTS has it."), Column("account", "Account"))
_RATE = Column("tax_rate", "Tax rate, %", Kind.QUANTITY, "Of sales and of the tax on them.")
_COLUMNS = {
    "account": [*_ACCOUNT, _RATE, *_MOVED],
    "day": [_DAY, *_ACCOUNT, _RATE, *_MOVED],
    ENTRY: [
        _DAY,
        Column("store", "Store"),
        Column("booking", "What"),
        *_ACCOUNT,
        _RATE,
        Column("way", "Collected by"),
        *_MOVED,
    ],
}
# What tells the rows of a group apart.
_KINDS = {
    "account": ("account", "tax_rate"),
    "day": ("booked_on", "account", "tax_rate"),
    ENTRY: ("booked_on", "store", "booking", "account", "tax_rate", "flow", "processor"),
}
_COLLECTORS = {**dict(Processor.choices), **dict(PaymentFlow.choices)}
ACCOUNTS = {**dict(Account.choices), **_COLLECTORS}
_PLACES: dict[str, dict[Any, int]] = {
    "account": {account: number for number, account in enumerate([*_COLLECTORS, *Account.values])},
    "booking": {booking: number for number, booking in enumerate(Booking.values)},
}


def columns(group: str) -> list[Column]:
    return _COLUMNS[group]


def build(query: Query) -> Report:
    if query.group == ENTRY and query.period.days > MOST_DAYS_OF_ENTRIES:
        raise Invalid(
            f"Each entry of at most {MOST_DAYS_OF_ENTRIES} days: choose fewer, or another group.", field="group"
        )
    period = query.period
    booked = JournalDay.objects.filter(booked_on__range=(period.first, period.last), store__in=query.store_ids)
    groups = booked.order_by().values("currency", *_KINDS[query.group])
    sums = {"sum_debit": summed("debit"), "sum_credit": summed("credit"), "sum_count": Sum("count")}
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for group in groups.annotate(**sums):
        found[group["currency"]].append(group)
    if query.is_about_everything:
        _add_payments(query, found)
    names, wait = {store.pk: store.name for store in query.stores}, waiting(query)
    blocks = []
    for currency, lines in sorted(found.items()):
        rows = [_row(line, names) for line in sorted(lines, key=_place)]
        blocks.append(Block(currency, rows, _total(rows), **wait.get(currency, {})))
    return Report(query, columns(query.group), blocks, freshness())


def _add_payments(query: Query, found: defaultdict[str, list[dict[str, Any]]]) -> None:
    """Those into house accounts, of no store, to the groups that there are."""
    names = ("currency", *_KINDS[query.group])
    known = {tuple(group[name] for name in names): group for groups in found.values() for group in groups}
    for side in booked_payments(query):
        key = tuple(side[name] for name in names)
        if group := known.get(key):
            for name in ("sum_debit", "sum_credit", "sum_count"):
                group[name] += side[name]
        else:
            known[key] = {name: side[name] for name in (*names, "sum_debit", "sum_credit", "sum_count")}
            found[side["currency"]].append(known[key])


def _place(group: dict[str, Any]) -> tuple[object, ...]:
    """By day, what happened, and there debits first."""
    return (
        group.get("booked_on", date.min),
        "store" in group and group["store"] is None,
        group.get("store") or 0,
        _PLACES["booking"].get(group.get("booking"), 0),
        group.get("flow", ""),
        group.get("processor", ""),
        not group["sum_debit"] if "booking" in group else False,
        _PLACES["account"].get(group["account"], -1),
        group["tax_rate"] is None,
        group["tax_rate"] or ZERO,
    )


def _row(group: dict[str, Any], names: dict[int, str]) -> Row:
    currency = group["currency"]
    account = str(ACCOUNTS.get(group["account"], group["account"]))
    row: dict[str, Value] = {"account": account[:1].upper() + account[1:], "count": group["sum_count"]}
    if number := _number(group["account"], group["tax_rate"]):
        row["number"] = number
    for side in ("debit", "credit"):
        if group[f"sum_{side}"]:
            row[side] = rounded(group[f"sum_{side}"], currency)
    if group["tax_rate"] is not None:
        row["tax_rate"] = group["tax_rate"]
    if "booked_on" in group:
        row["day"] = group["booked_on"]
    if "booking" in group:
        row["store"] = names.get(group["store"], NO_STORE)
        row["booking"] = str(Booking(group["booking"]).label)
        row["way"] = way_in_words(group["flow"], group["processor"])
    return row


def _number(account: str, rate: Decimal | None) -> str:
    """The retailer's own, of this tax rate or of all; empty where they have not said."""
    numbers: dict[str, str] = settings.LEDGER_ACCOUNTS
    of_rate = "" if rate is None else numbers.get(f"{account}/{rate.normalize():f}", "")
    return of_rate or numbers.get(account, "")


def _total(rows: list[Row]) -> Row:
    sums: dict[str, Value] = {
        key: sum((Decimal(str(row.get(key, 0))) for row in rows), ZERO) for key in ("debit", "credit")
    }
    return {"account": "Total"} | sums


def _fitting(period: Period) -> str:
    return "day" if period.days <= _DAYS_BY_DAY else "account"


PAGE = Page(
    key="journal",
    title="Journal",
    about="What is to be booked: sales on the day the trip came, money on the day it moved. Debits equal credits.",
    groups=GROUPS,
    fitting=_fitting,
    compares=False,
    columns=columns,
    build=build,
)
