"""The pure rules of pricing, against exact fractions."""

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import money
from orders.pricing import Price, Unpriceable, add_up, price_line, same_unit

CURRENCIES = {"USD": 2, "GBP": 2, "JPY": 0, "KWD": 3}

currencies = st.sampled_from(sorted(CURRENCIES))
quantities = st.decimals(min_value=0, max_value=9999, places=5)
prices = st.decimals(min_value=0, max_value=99999, places=3)
tax_rates = st.decimals(min_value=0, max_value=100, places=3)


def half_up(exact: Fraction, currency: str) -> Decimal:
    """Half up by whole numbers, for what is not negative."""
    places = CURRENCIES[currency]
    return Decimal(floor(exact * 10**places + Fraction(1, 2))).scaleb(-places)


@given(quantities, prices, tax_rates, currencies)
def test_tax_on_top_is_the_rate_of_the_rounded_amount(
    quantity: Decimal, unit_price: Decimal, rate: Decimal, currency: str
) -> None:
    price = price_line(quantity, unit_price, rate, currency=currency, tax_included=False)

    net = half_up(Fraction(quantity) * Fraction(unit_price), currency)
    assert price.net == net
    assert price.tax == half_up(Fraction(net) * Fraction(rate) / 100, currency)
    assert price.total == price.net + price.tax


@given(quantities, prices, tax_rates, currencies)
def test_included_tax_leaves_the_shelf_price_alone(
    quantity: Decimal, unit_price: Decimal, rate: Decimal, currency: str
) -> None:
    price = price_line(quantity, unit_price, rate, currency=currency, tax_included=True)

    shelf = half_up(Fraction(quantity) * Fraction(unit_price), currency)
    assert price.total == shelf
    assert price.tax == half_up(Fraction(shelf) * Fraction(rate) / (100 + Fraction(rate)), currency)
    assert 0 <= price.tax <= price.total


@given(st.lists(st.tuples(quantities, prices, tax_rates), max_size=30), currencies, st.booleans())
def test_totals_are_the_sums_of_the_lines_to_the_cent(
    lines: list[tuple[Decimal, Decimal, Decimal]], currency: str, tax_included: bool
) -> None:
    priced = [price_line(*line, currency=currency, tax_included=tax_included) for line in lines]

    total = add_up(priced, currency=currency)

    assert total.total == sum(price.total for price in priced)
    assert total.tax == sum(price.tax for price in priced)
    assert total.net == sum(price.net for price in priced)
    assert money.is_exact(total.total, currency)
    assert money.is_exact(total.tax, currency)


@pytest.mark.parametrize(
    ("quantity", "unit_price", "rate", "currency", "tax", "total"),
    [
        ("1.0", "6.25", "10", "USD", "0.63", "6.88"),  # 0.625 rounds up
        ("3", "6.25", "10", "USD", "1.88", "20.63"),
        ("1", "0.05", "10", "USD", "0.01", "0.06"),  # 0.005 is half a cent
        ("1", "0.04", "10", "USD", "0.00", "0.04"),
        ("0.347", "12.99", "0", "USD", "0.00", "4.51"),  # 4.50753
        ("0.5", "0.01", "0", "USD", "0.00", "0.01"),
        ("0", "6.25", "10", "USD", "0.00", "0.00"),
        ("1", "100", "7.255", "USD", "7.26", "107.26"),
        ("1", "105", "10", "JPY", "11", "116"),  # 10.5 yen
        ("1", "0.004", "10", "KWD", "0.000", "0.004"),
        ("1", "0.005", "10", "KWD", "0.001", "0.006"),
    ],
)
def test_half_a_unit_of_the_currency_rounds_up(
    quantity: str, unit_price: str, rate: str, currency: str, tax: str, total: str
) -> None:
    price = price_line(Decimal(quantity), Decimal(unit_price), Decimal(rate), currency=currency, tax_included=False)

    assert (str(price.tax), str(price.total)) == (tax, total)


@pytest.mark.parametrize(
    ("unit_price", "rate", "currency", "tax"),
    [
        ("4.00", "20", "GBP", "0.67"),
        ("1.20", "20", "GBP", "0.20"),
        ("0.03", "20", "GBP", "0.01"),
        ("110", "10", "JPY", "10"),
    ],
)
def test_included_tax_is_taken_out_of_the_price(unit_price: str, rate: str, currency: str, tax: str) -> None:
    price = price_line(Decimal(1), Decimal(unit_price), Decimal(rate), currency=currency, tax_included=True)

    assert (str(price.tax), str(price.total)) == (tax, unit_price)


def test_minus_zero_of_something_costs_nothing_and_bears_no_sign() -> None:
    price = price_line(Decimal("-0"), Decimal("6.25"), Decimal(10), currency="USD", tax_included=False)

    assert (str(price.tax), str(price.total)) == ("0.00", "0.00")


def test_negative_quantity_cannot_be_priced() -> None:
    with pytest.raises(Unpriceable, match="negative"):
        price_line(Decimal("-1"), Decimal("6.25"), Decimal(10), currency="USD", tax_included=False)


def test_amount_beyond_the_column_cannot_be_priced() -> None:
    with pytest.raises(Unpriceable, match="too large"):
        price_line(Decimal("9999999999"), Decimal(99), Decimal(0), currency="USD", tax_included=False)


def test_sum_beyond_the_column_cannot_be_priced() -> None:
    most = Price(tax=Decimal("0.00"), total=Decimal("2000000000.00"))

    with pytest.raises(Unpriceable, match="too large"):
        add_up([most, most], currency="USD")


@given(st.decimals(min_value=0, max_value=Decimal("9999999999"), places=0), prices, tax_rates, st.booleans())
def test_whatever_is_priced_fits_the_column(
    quantity: Decimal, unit_price: Decimal, rate: Decimal, tax_included: bool
) -> None:
    try:
        price = price_line(quantity, unit_price, rate, currency="KWD", tax_included=tax_included)
    except Unpriceable:
        return
    assert 0 <= price.tax <= price.total <= money.LARGEST


def test_nothing_adds_up_to_zero_with_the_decimals_of_its_currency() -> None:
    assert str(add_up([], currency="USD").total) == "0.00"
    assert str(add_up([], currency="JPY").total) == "0"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("unit", "unit"),
        ("unit", "each"),
        (" Unit ", "EACH"),
        ("kg", "KILOGRAM"),
        ("lb", "pounds"),
        ("furlong", "FURLONG"),
    ],
)
def test_spellings_of_one_unit_are_the_same(left: str, right: str) -> None:
    assert same_unit(left, right)
    assert same_unit(right, left)


@pytest.mark.parametrize(("left", "right"), [("unit", "kg"), ("kg", "g"), ("kg", "lb"), ("oz", "g"), ("", "unit")])
def test_different_units_are_not_the_same(left: str, right: str) -> None:
    assert not same_unit(left, right)
