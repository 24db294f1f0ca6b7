from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import money
from core.money import Money

CURRENCIES = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "KRW": 0, "KWD": 3}

currencies = st.sampled_from(sorted(CURRENCIES))
amounts = st.decimals(min_value=-money.LARGEST, max_value=money.LARGEST, places=6)


@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_currency_has_its_own_decimals(currency: str) -> None:
    assert money.decimals(currency) == CURRENCIES[currency]


@given(amounts, currencies)
def test_rounding_is_half_up_away_from_zero(amount: Decimal, currency: str) -> None:
    factor = 10 ** CURRENCIES[currency]

    rounded = money.rounded(amount, currency)

    exact = Fraction(amount) * factor
    expected = floor(abs(exact) + Fraction(1, 2)) * (1 if exact >= 0 else -1)
    assert Fraction(rounded) * factor == expected
    assert abs(Fraction(rounded) - Fraction(amount)) * factor <= Fraction(1, 2)
    assert money.rounded(rounded, currency) == rounded
    assert money.is_exact(rounded, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("0.005", "USD", "0.01"),
        ("-0.005", "USD", "-0.01"),
        ("0.00499999", "USD", "0.00"),
        ("-0.001", "USD", "0.00"),
        ("4.2", "USD", "4.20"),
        ("1E+3", "USD", "1000.00"),
        ("0.5", "JPY", "1"),
        ("2.5", "JPY", "3"),
        ("1200", "JPY", "1200"),
        ("0.0005", "KWD", "0.001"),
        ("1.5", "KWD", "1.500"),
        ("9999999999.9999", "USD", "10000000000.00"),
    ],
)
def test_text_has_exactly_the_decimals_of_the_currency(amount: str, currency: str, text: str) -> None:
    assert money.text(Decimal(amount), currency) == text
    assert Money(Decimal(amount), currency).plain == text


@pytest.mark.parametrize(
    ("amount", "currency", "is_exact"),
    [
        ("1.50", "USD", True),
        ("1.505", "USD", False),
        ("1.500", "USD", True),
        ("1.5", "JPY", False),
        ("1.505", "KWD", True),
    ],
)
def test_amount_is_exact_without_more_decimals_than_its_currency(amount: str, currency: str, is_exact: bool) -> None:
    assert money.is_exact(Decimal(amount), currency) is is_exact


@given(st.lists(amounts, max_size=50), currencies)
def test_total_is_the_sum_of_its_parts_in_any_order(parts: list[Decimal], currency: str) -> None:
    exact = [money.rounded(part, currency) for part in parts]

    total = Money.total((Money(part, currency) for part in exact), currency)
    backwards = Money.total((Money(part, currency) for part in reversed(exact)), currency)

    assert total == backwards
    assert Fraction(total.amount) == sum(Fraction(part) for part in exact)
    assert money.is_exact(total.amount, currency)


@given(amounts, amounts, currencies)
def test_subtracting_undoes_adding(left: Decimal, right: Decimal, currency: str) -> None:
    one, other = (Money(money.rounded(amount, currency), currency) for amount in (left, right))

    assert one + other - other == one
    assert (one < other) == (one.amount < other.amount)
    assert (one <= other) == (one.amount <= other.amount)


@pytest.mark.parametrize(
    "combine",
    [
        lambda one, other: one + other,
        lambda one, other: one - other,
        lambda one, other: one < other,
        lambda one, other: one <= other,
        lambda one, other: Money.total([one, other], "USD"),
    ],
)
def test_two_currencies_are_never_combined(combine: Any) -> None:
    with pytest.raises(ValueError, match="USD with JPY"):
        combine(Money(Decimal(1), "USD"), Money(Decimal(1), "JPY"))


@pytest.mark.parametrize("amount", [1, 1.5, "1.50", None])
def test_money_is_made_of_decimals_only(amount: Any) -> None:
    with pytest.raises(TypeError, match="Decimal"):
        Money(amount, "USD")


def test_zero_is_falsy_and_has_the_decimals_of_its_currency() -> None:
    assert not Money.zero("USD")
    assert Money.zero("USD").plain == "0.00"
    assert Money.total([], "JPY").plain == "0"
    assert Money(Decimal("0.01"), "USD")


def test_money_reads_like_a_price_tag() -> None:
    assert str(Money(Decimal("1234.5"), "USD")) == "$1,234.50"
    assert str(Money(Decimal(1200), "JPY")) == "¥1,200"
