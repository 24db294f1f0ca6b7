"""The pure rules of adjusting: what is not changed stays as it is, and the total is always the sum."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.adjusting import Change, Item, changed, total_of
from orders.pricing import Price, Unpriceable, price_line

cents = st.integers(0, 20_000).map(lambda number: Decimal(number) / 100)
rates = st.sampled_from([Decimal(0), Decimal(7), Decimal("8.875"), Decimal(20)])
pieces = st.integers(0, 30).map(Decimal)


def an_item(quantity: str = "2", unit_price: str = "6.25", rate: str = "10", unit: str = "unit") -> Item:
    price = price_line(Decimal(quantity), Decimal(unit_price), Decimal(rate), currency="USD", tax_included=False)
    return Item(Decimal(quantity), unit, Decimal(unit_price), Decimal(rate), price)


def unpriced(quantity: str = "1") -> Item:
    return Item(Decimal(quantity), "unit", None, None, None)


@st.composite
def items(draw: st.DrawFn) -> Item:
    quantity, unit_price, rate = draw(pieces), draw(cents), draw(rates)
    price = price_line(quantity, unit_price, rate, currency="USD", tax_included=False)
    return Item(quantity, "unit", unit_price, rate, price)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    return Change(draw(pieces), draw(st.none() | cents))


def adjusted(item: Item, change: Change, *, tax_included: bool = False) -> Item:
    return changed(item, change, currency="USD", tax_included=tax_included)


@given(items())
def test_an_item_that_is_to_be_as_it_is_stays_the_same(item: Item) -> None:
    assert adjusted(item, Change(item.quantity)) is item
    assert adjusted(item, Change(item.quantity, item.unit_price, item.tax_rate)) is item


def test_what_nobody_changed_keeps_a_price_that_no_rounding_gives() -> None:
    """As a promotion might leave it: the line's own price counts, and not what it would cost today."""
    item = Item(Decimal(3), "unit", Decimal("1.00"), Decimal(0), Price(tax=Decimal(0), total=Decimal("2.50")))

    assert adjusted(item, Change(Decimal(3))).price == item.price


@given(items(), changes(), st.booleans())
def test_a_changed_item_costs_what_a_cart_with_it_would_have(item: Item, change: Change, tax_included: bool) -> None:
    after = adjusted(item, change, tax_included=tax_included)

    if after is not item:
        assert after.unit_price is not None
        assert after.tax_rate is not None
        again = price_line(after.quantity, after.unit_price, after.tax_rate, currency="USD", tax_included=tax_included)
        assert after.price == again


@given(items(), changes(), changes())
def test_the_way_to_a_price_does_not_matter(item: Item, first: Change, last: Change) -> None:
    last = Change(last.quantity, last.unit_price or Decimal("1.00"))

    assert adjusted(adjusted(item, first), last) == adjusted(item, last)


@given(st.lists(st.tuples(items(), changes()), max_size=8))
def test_the_total_is_the_sum_of_the_lines(rows: list[tuple[Item, Change]]) -> None:
    after = [adjusted(item, change) for item, change in rows]

    total = total_of(after, currency="USD")

    assert total.total == sum((item.price.total for item in after if item.price), Decimal(0))
    assert total.tax == sum((item.price.tax for item in after if item.price), Decimal(0))
    assert total.total == total.net + total.tax >= 0


def test_one_that_is_removed_costs_nothing_and_may_come_back() -> None:
    removed = adjusted(an_item(), Change(Decimal(0)))

    assert removed.price == Price(tax=Decimal(0), total=Decimal(0))
    assert adjusted(removed, Change(Decimal(2))) == an_item()


def test_one_without_a_price_needs_one_or_must_go() -> None:
    with pytest.raises(Unpriceable, match="no price yet"):
        adjusted(unpriced(), Change(Decimal(2)))
    with pytest.raises(Unpriceable, match="no price yet"):
        total_of([an_item(), unpriced()], currency="USD")

    assert adjusted(unpriced(), Change(Decimal(0))).price == Price(tax=Decimal(0), total=Decimal(0))
    priced = adjusted(unpriced(), Change(Decimal(1), Decimal("2.00"), Decimal(10)))
    assert priced.price == Price(tax=Decimal("0.20"), total=Decimal("2.20"))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (Change(Decimal(-1)), "negative"),
        (Change(Decimal("1.5")), "whole pieces"),
        (Change(Decimal(1), Decimal("-0.01")), "price is negative"),
        (Change(Decimal(1), Decimal("1.005")), "USD has 2 decimals"),
        (Change(Decimal(1), Decimal(1), Decimal(101)), "between 0 and 100"),
        (Change(Decimal(10) ** 9, Decimal(9999)), "too large"),
    ],
)
def test_what_makes_no_sense_is_refused(change: Change, error: str) -> None:
    with pytest.raises(Unpriceable, match=error):
        adjusted(an_item(), change)


def test_what_is_weighed_takes_any_quantity() -> None:
    assert adjusted(an_item("0.347", "10.00", "0", "kg"), Change(Decimal("0.25"))).price == Price(
        tax=Decimal(0), total=Decimal("2.50")
    )
