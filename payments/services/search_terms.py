"""What staff type into a search box: words, and operators such as `status:paid amount:>20`. Pure."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from core.errors import Invalid
from core.languages import in_english
from core.money import LARGEST
from orders.states import TripState

HELP = "status:paid  store:DEMO-CARD  amount:>20  date:2026-11-01..2026-11-05"
# Words for a day beside its date.
DAYS = ("today", "yesterday")

_OPERATOR = re.compile(r"(?<!\S)([A-Za-z]+):(\"[^\"]*\"|\S*)")
_NUMBER = r"[0-9]{1,10}(?:\.[0-9]{1,4})?"
_AMOUNT_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})")
_AMOUNT_BOUND = re.compile(rf"(>=|<=|>|<|=)?({_NUMBER})")
# A word that can only be meant as an amount: with decimals, or with a currency's sign.
_AMOUNT_WORD = re.compile(rf"[$€£¥]\s?({_NUMBER})|([0-9]{{1,10}}\.[0-9]{{1,4}})")
_BOUNDS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "=": "exact", "": "exact"}


@dataclass(frozen=True, slots=True)
class Days:
    """Both are included; either may be missing. A word of DAYS, or a date."""

    first: date | str | None
    last: date | str | None


@dataclass(frozen=True, slots=True)
class Terms:
    """`amounts`: lookups such as `gt` with their amounts."""

    words: str
    states: tuple[str, ...] = ()
    store: str = ""
    amounts: tuple[tuple[str, Decimal], ...] = ()
    days: Days | None = None

    @property
    def has_operator(self) -> bool:
        return bool(self.states or self.store or self.amounts or self.days)


def parse(text: str) -> Terms:
    """Raises Invalid with a sentence for whoever typed it."""
    found: dict[str, str] = {}
    for name, value in _OPERATOR.findall(text):
        found[_known(name)] = _given(name, value.strip('"').strip())
    return Terms(
        words=" ".join(_OPERATOR.sub(" ", text).split()),
        states=_states(found["status"]) if "status" in found else (),
        store=found.get("store", ""),
        amounts=_amounts(found["amount"]) if "amount" in found else (),
        days=_days(found["date"]) if "date" in found else None,
    )


def amount_in(words: str) -> Decimal | None:
    """The amount that these words are; None when they may be anything else, as `1240`."""
    match = _AMOUNT_WORD.fullmatch(words.strip())
    return Decimal(match[1] or match[2]) if match else None


def _known(name: str) -> str:
    if name.lower() not in {"status", "store", "amount", "date"}:
        raise Invalid(
            _("“%(name)s:” means nothing here. What can be asked for so: status:, store:, amount: and date:.")
            % {"name": name}
        )
    return name.lower()


def _given(name: str, value: str) -> str:
    if not value:
        raise Invalid(
            _("Nothing stands after “%(name)s:”. It is written without a space, such as %(value)s.")
            % {"name": name, "value": HELP.split()[0]}
        )
    return value


def _states(value: str) -> tuple[str, ...]:
    return tuple(_state(part) for part in value.split(","))


def _state(word: str) -> str:
    plain = word.strip().lower().replace("-", "_").replace(" ", "_")
    for state in TripState:
        if plain in (state.value, in_english(state.label).replace(" ", "_")):
            return state.value
    raise Invalid(
        _("“%(word)s” is no status of a trip. There are %(value)s.")
        % {"word": word, "value": ", ".join(state.value for state in TripState)}
    )


def _amounts(value: str) -> tuple[tuple[str, Decimal], ...]:
    if span := _AMOUNT_RANGE.fullmatch(value):
        return ("gte", _amount(span[1])), ("lte", _amount(span[2]))
    if bound := _AMOUNT_BOUND.fullmatch(value):
        return ((_BOUNDS[bound[1] or ""], _amount(bound[2])),)
    raise Invalid(
        _("“%(value)s” is no amount. Write amount:12.40, amount:>20, amount:<=5 or amount:10..20.") % {"value": value}
    )


def _amount(text: str) -> Decimal:
    return min(Decimal(text), LARGEST)


def _days(value: str) -> Days:
    first, is_span, last = value.partition("..")
    if not is_span:
        return Days(_day(first), _day(first))
    days = Days(_day(first) if first else None, _day(last) if last else None)
    if isinstance(days.first, date) and isinstance(days.last, date) and days.first > days.last:
        raise Invalid(_("In “date:%(value)s” the second day comes before the first.") % {"value": value})
    if days.first is None and days.last is None:
        raise Invalid(_("Write a day on at least one side of “..”, such as date:2026-11-01..2026-11-05."))
    return days


def _day(text: str) -> date | str:
    if text.lower() in DAYS:
        return text.lower()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(
            _("“%(text)s” is no day. Write it as 2026-11-01, or today, or yesterday.") % {"text": text}
        ) from None
