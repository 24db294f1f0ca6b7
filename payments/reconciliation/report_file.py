"""A processor's report as CSV: one row for each capture and refund, read by a mapping."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from babel.numbers import list_currencies
from django.utils.translation import gettext as _

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
            problems.append(_("Line %(line)s: %(error)s") % {"line": line, "error": error})
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
            raise CannotRead(
                _("%(name)s has no column %(value)s. It has: %(value2)s.")
                % {"name": name, "value": ", ".join(missing), "value2": ", ".join(found) or "none"}
            )
        for row in rows:
            yield rows.line_num, row
    except UnicodeDecodeError as error:
        raise CannotRead(_("%(name)s is not in UTF-8.") % {"name": name}) from error
    except csv.Error as error:
        raise CannotRead(
            _("%(name)s, line %(value)s: %(error)s.") % {"name": name, "value": rows.line_num + 1, "error": error}
        ) from error


def _movement(row: dict[Any, Any], mapping: Mapping) -> Movement | None:
    """None for what is to be ignored. Raises BadRow."""
    if None in row or None in row.values():
        raise BadRow(_("It has more or fewer cells than the first line."))
    cells = {column: row[column].strip() for column in mapping.columns}
    kind = cells[mapping.kind].casefold()
    if kind in _folded(mapping.ignored):
        return None
    is_refund = kind in _folded(mapping.refunds)
    if not is_refund and kind not in _folded(mapping.captures):
        known = ", ".join([*mapping.captures, *mapping.refunds, *mapping.ignored])
        raise BadRow(_("“%(value)s” is none of the kinds %(known)s.") % {"value": cells[mapping.kind], "known": known})
    if not cells[mapping.trip] or not cells[mapping.trip].isprintable():
        raise BadRow(_("It names no trip."))
    currency = cells[mapping.currency].upper()
    if currency not in _CURRENCIES:
        raise BadRow(_("“%(value)s” is no currency.") % {"value": cells[mapping.currency]})
    amount = _amount(cells[mapping.amount], currency, mapping)
    amount = abs(amount) if is_refund else amount
    if amount <= 0:
        raise BadRow(_("A capture must be of more than 0, and a refund of something."))
    return Movement(cells[mapping.trip], cells.get(mapping.store, ""), is_refund, amount, currency)


def _amount(text: str, currency: str, mapping: Mapping) -> Decimal:
    pattern, grouping, point = (_COMMA, ". ", ",") if mapping.decimal_comma else (_POINT, ",", ".")
    if not pattern.fullmatch(text):
        raise BadRow(_("“%(text)s” is no amount such as 1234%(point)s50.") % {"text": text, "point": point})
    bare = text.translate(str.maketrans("", "", grouping)).replace(point, ".")
    amount = Decimal(bare)
    if abs(amount) > money.LARGEST:
        raise BadRow(_("“%(text)s” is too large an amount.") % {"text": text})
    if not money.is_exact(amount, currency):
        raise BadRow(_("“%(text)s” has more decimals than %(currency)s.") % {"text": text, "currency": currency})
    return amount


def _add(account: Account | None, movement: Movement) -> Account:
    account = account or Account(movement.trip_id, movement.currency)
    if account.currency != movement.currency:
        raise BadRow(
            _("Trip %(trip_id)s stands in %(currency)s above, and here in %(currency2)s.")
            % {"trip_id": movement.trip_id, "currency": account.currency, "currency2": movement.currency}
        )
    if movement.is_refund:
        return replace(account, refunded=account.refunded + movement.amount)
    return replace(account, captured=account.captured + movement.amount, captures=account.captures + 1)


def _folded(words: Iterable[str]) -> set[str]:
    return {word.casefold() for word in words}


def _shortened(problems: list[str]) -> list[str]:
    more = len(problems) - MOST_PROBLEMS_SHOWN
    return [*problems[:MOST_PROBLEMS_SHOWN], *([_("… and %(more)s more.") % {"more": more}] if more > 0 else [])]
