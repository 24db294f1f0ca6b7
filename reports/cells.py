"""What stands in a report's cells: on the page, in a file, in JSON. Pure, no database."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from core import money
from core.money import Money

Value = str | int | Decimal | date | datetime | None


class Kind(StrEnum):
    TEXT = "text"
    DAY = "day"
    COUNT = "count"
    MONEY = "money"
    QUANTITY = "quantity"
    SHARE = "share"
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"


_UNITS = {Kind.MILLISECONDS: " ms"}


@dataclass(frozen=True, slots=True)
class Column:
    """`key` is what it is called in JSON, `title` what people read. A cell `is_shaded` the deeper, the more it says."""

    key: str
    title: str
    kind: Kind = Kind.TEXT
    help: str = ""
    is_shaded: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind not in {Kind.TEXT, Kind.DAY}


def shown(value: Value, kind: Kind, currency: str) -> str:
    """`$4.20`, `12.5 %`, `1 min 5 s`; a dash where there is none."""
    if value is None:
        return "–"
    match kind:
        case Kind.MONEY:
            return str(Money(Decimal(str(value)), currency))
        case Kind.COUNT | Kind.MILLISECONDS:
            return f"{value:,}{_UNITS.get(kind, '')}"
        case Kind.SHARE:
            return f"{percent(Decimal(str(value)))} %"
        case Kind.SECONDS:
            return lasting(int(Decimal(str(value))))
        case Kind.QUANTITY:
            return _plain(round(Decimal(str(value)), 3))
        case Kind.TEXT | Kind.DAY:
            return str(value)


def as_json(value: Value, kind: Kind, currency: str) -> str | int | None:
    """Amounts with exactly the currency's decimals; shares between 0 and 1."""
    if value is None:
        return None
    match kind:
        case Kind.MONEY:
            return money.text(Decimal(str(value)), currency)
        case Kind.COUNT | Kind.SECONDS | Kind.MILLISECONDS:
            return int(Decimal(str(value)))
        case Kind.SHARE:
            return str(round(Decimal(str(value)), 4))
        case Kind.QUANTITY:
            return _plain(round(Decimal(str(value)), 3))
        case Kind.TEXT | Kind.DAY:
            return str(value)


def percent(share: Decimal) -> str:
    return f"{share * 100:,.1f}"


def lasting(seconds: int) -> str:
    """`45 s`, `1 min 5 s`, `2 h 3 min`."""
    sign, seconds = ("−", -seconds) if seconds < 0 else ("", seconds)
    if seconds < 60:
        return f"{sign}{seconds} s"
    if seconds < 3600:
        return f"{sign}{seconds // 60} min {seconds % 60} s"
    return f"{sign}{seconds // 3600:,} h {seconds % 3600 // 60} min"


def change(now: Value, before: Value, kind: Kind) -> str:
    """`▲ +12.5 %`: how it changed; without a percentage from nothing. A share changes by points."""
    if now is None or before is None:
        return ""
    new, old = Decimal(str(now)), Decimal(str(before))
    if new == old:
        return "= unchanged"
    arrow = "▲" if new > old else "▼"
    if kind == Kind.SHARE:
        return f"{arrow} {_signed(new - old)} points"
    if not old:
        return f"{arrow} from nothing"
    return f"{arrow} {_signed((new - old) / abs(old))} %"


def _signed(share: Decimal) -> str:
    text = f"{share * 100:+,.1f}"
    return text.replace("-", "−")


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}" if quantity else "0"
