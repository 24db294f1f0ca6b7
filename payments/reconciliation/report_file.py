"""A processor's report as CSV: one row for each capture and refund, read by a mapping."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from babel.numbers import list_currencies

from core import money
from payments.reconciliation.compare import Account
from payments.reconciliation.report_mapping import Mapping
from payments.reconciliation.theirs import CannotRead, Theirs

MOST_PROBLEMS_SHOWN = 50
_POINT = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?", re.ASCII)
_COMMA = re.compile(r"-?(\d+|\d{1,3}([. ]\d{3})+)(,\d+)?", re.ASCII)
_CURRENCIES = frozenset(list_currencies())


class BadRow(Exception):
    """The text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Movement:
    """A capture or a refund; the amount is above 0."""

    trip_id: str
    store: str
    is_refund: bool
    amount: Decimal
    currency: str


def read_report(lines: Iterable[str], name: str, mapping: Mapping) -> Theirs:
    """What the report says of each trip. Raises CannotRead that names every row it cannot read: then nothing of the
    report is used."""
    accounts: dict[str, Account] = {}
    stores: dict[str, str] = {}
    problems: list[str] = []
    for line, row in _rows(lines, name, mapping):
        try:
            movement = _movement(row, mapping)
            if movement is not None:
                accounts[movement.trip_id] = _add(accounts.get(movement.trip_id), movement)
                stores[movement.trip_id] = movement.store
        except BadRow as error:
            problems.append(f"Line {line}: {error}")
    if problems:
        raise CannotRead("\n".join([f"{name} cannot be read, so nothing was compared.", *_shortened(problems)]))
    return Theirs(name=name, accounts=accounts, stores=stores, flows=mapping.flows, is_of_days=True)


def _rows(lines: Iterable[str], name: str, mapping: Mapping) -> Iterator[tuple[int, dict[Any, Any]]]:
    """Each row with the number of its last line."""
    rows = csv.DictReader(lines, delimiter=mapping.delimiter, strict=True)
    try:
        found = rows.fieldnames or []
        missing = [column for column in mapping.columns if column not in found]
        if missing:
            raise CannotRead(f"{name} has no column {', '.join(missing)}. It has: {', '.join(found) or 'none'}.")
        for row in rows:
            yield rows.line_num, row
    except UnicodeDecodeError as error:
        raise CannotRead(f"{name} is not in UTF-8.") from error
    except csv.Error as error:
        raise CannotRead(f"{name}, line {rows.line_num + 1}: {error}.") from error


def _movement(row: dict[Any, Any], mapping: Mapping) -> Movement | None:
    """None for what is to be ignored. Raises BadRow."""
    if None in row or None in row.values():
        raise BadRow("It has more or fewer cells than the first line.")
    cells = {column: row[column].strip() for column in mapping.columns}
    kind = cells[mapping.kind].casefold()
    if kind in _folded(mapping.ignored):
        return None
    is_refund = kind in _folded(mapping.refunds)
    if not is_refund and kind not in _folded(mapping.captures):
        known = ", ".join([*mapping.captures, *mapping.refunds, *mapping.ignored])
        raise BadRow(f"“{cells[mapping.kind]}” is none of the kinds {known}.")
    if not cells[mapping.trip] or not cells[mapping.trip].isprintable():
        raise BadRow("It names no trip.")
    currency = cells[mapping.currency].upper()
    if currency not in _CURRENCIES:
        raise BadRow(f"“{cells[mapping.currency]}” is no currency.")
    amount = _amount(cells[mapping.amount], currency, mapping)
    amount = abs(amount) if is_refund else amount
    if amount <= 0:
        raise BadRow("A capture must be of more than 0, and a refund of something.")
    return Movement(cells[mapping.trip], cells.get(mapping.store, ""), is_refund, amount, currency)


def _amount(text: str, currency: str, mapping: Mapping) -> Decimal:
    pattern, grouping, point = (_COMMA, ". ", ",") if mapping.decimal_comma else (_POINT, ",", ".")
    if not pattern.fullmatch(text):
        raise BadRow(f"“{text}” is no amount such as 1234{point}50.")
    bare = text.translate(str.maketrans("", "", grouping)).replace(point, ".")
    amount = Decimal(bare)
    if abs(amount) > money.LARGEST:
        raise BadRow(f"“{text}” is too large an amount.")
    if not money.is_exact(amount, currency):
        raise BadRow(f"“{text}” has more decimals than {currency}.")
    return amount


def _add(account: Account | None, movement: Movement) -> Account:
    account = account or Account(movement.trip_id, movement.currency)
    if account.currency != movement.currency:
        raise BadRow(f"Trip {movement.trip_id} stands in {account.currency} above, and here in {movement.currency}.")
    if movement.is_refund:
        return replace(account, refunded=account.refunded + movement.amount)
    return replace(account, captured=account.captured + movement.amount, captures=account.captures + 1)


def _folded(words: Iterable[str]) -> set[str]:
    return {word.casefold() for word in words}


def _shortened(problems: list[str]) -> list[str]:
    more = len(problems) - MOST_PROBLEMS_SHOWN
    return [*problems[:MOST_PROBLEMS_SHOWN], *([f"… and {more} more."] if more > 0 else [])]
