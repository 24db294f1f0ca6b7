"""Amounts of money: always a Decimal and a currency, rounded by one function."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Self

from babel.numbers import format_currency, get_currency_precision

# What a money column holds: 14 digits of which 4 are decimals, enough for every ISO 4217 currency.
MAX_DIGITS = 14
DECIMAL_PLACES = 4
LARGEST = Decimal("9999999999.9999")

ZERO = Decimal(0)


@lru_cache(maxsize=256)
def decimals(currency: str) -> int:
    """The number of decimals of a currency: 2 for USD, 0 for JPY, 3 for KWD."""
    return get_currency_precision(currency)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Round half up (away from zero) to the currency's decimals: the only rounding there is. Zero bears no sign."""
    return amount.quantize(Decimal(1).scaleb(-decimals(currency)), rounding=ROUND_HALF_UP) + ZERO


def is_exact(amount: Decimal, currency: str) -> bool:
    """Whether the amount has no more decimals than its currency."""
    return amount == rounded(amount, currency)


def text(amount: Decimal, currency: str) -> str:
    """The amount with exactly the currency's decimals, as the API and Amazon's checkout want it: `4.20`."""
    return str(rounded(amount, currency))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency. Adding two currencies raises ValueError."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"money needs a Decimal, not {type(self.amount).__name__}")

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(rounded(ZERO, currency), currency)

    @classmethod
    def total(cls, parts: Iterable["Money"], currency: str) -> "Money":
        result: Money = cls.zero(currency)
        for part in parts:
            result += part
        return result

    def _same(self, other: "Money") -> Decimal:
        if self.currency != other.currency:
            raise ValueError(f"cannot combine {self.currency} with {other.currency}")
        return other.amount

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        return format_currency(self.amount, self.currency, locale="en")

    @property
    def plain(self) -> str:
        """`4.20`, without the currency."""
        return text(self.amount, self.currency)
