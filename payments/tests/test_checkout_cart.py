"""The cart for Amazon's checkout service adds up to the cent, whatever was bought."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.pricing import add_up, price_line
from payments.checkout_cart import CheckoutLine, Fee, Price, PricedLine, Promotion, checkout_cart
from payments.tests.priced_lines import CENTS, amounts, priced_lines, quantities


def d(text: str) -> Decimal:
    return Decimal(text)


def line(quantity: str, shelf: str, tax: str = "0", unit: str = "unit", **more: tuple[object, ...]) -> PricedLine:
    return PricedLine("SKU-1", d(quantity), unit, Price(d(shelf), d(tax), **more))  # type: ignore[arg-type]


def only_line(priced: PricedLine, currency: str = "USD") -> CheckoutLine:
    [sent] = checkout_cart([priced], currency).lines
    return sent


class TestHowALineIsSent:
    @pytest.mark.parametrize(
        ("priced", "quantity", "unit", "shelf", "tax"),
        [
            (line("1", "1.00"), "1", "each", "1.00", "0"),
            (line("3", "2.97", "0.30"), "3", "each", "0.99", "0.10"),
            (line("3", "0"), "3", "each", "0", "0"),
            (line("2", "1.20", unit="EA"), "2", "each", "0.60", "0"),
            (line("0.5", "2.10", "0.16", unit="kg"), "0.5", "kg", "4.20", "0.32"),
        ],
    )
    def test_by_the_unit_where_a_unit_costs_whole_cents(
        self, priced: PricedLine, quantity: str, unit: str, shelf: str, tax: str
    ) -> None:
        assert only_line(priced) == CheckoutLine("SKU-1", d(quantity), unit, Price(d(shelf), d(tax)))

    @pytest.mark.parametrize(
        "priced",
        [
            line("3", "1.00"),
            line("3", "2.97", "0.10"),
            line("0.347", "1.73", unit="kg"),
            line("0.125", "1.00", unit="kg"),  # a unit costs 8.00, but Amazon may take two decimals only
            line("2", "2.00", promotions=(Promotion(d("0.05"), "Deal"),)),
            line("2", "2.00", fees=(Fee(d("0.05"), "Bottle"),)),
            line("2", "2.00", fees=(Fee(d("0.10"), "Bottle", d("0.01")),)),
            line("0", "1.00"),
        ],
    )
    def test_as_one_piece_where_it_does_not(self, priced: PricedLine) -> None:
        assert only_line(priced) == CheckoutLine("SKU-1", d("1"), "each", priced.price)

    def test_promotions_and_fees_are_by_the_unit_too(self) -> None:
        priced = line(
            "2", "4.00", promotions=(Promotion(d("0.50"), "Deal"),), fees=(Fee(d("0.10"), "Bottle", d("0.02")),)
        )

        assert only_line(priced).unit_price == Price(
            d("2.00"), d("0"), (Promotion(d("0.25"), "Deal"),), (Fee(d("0.05"), "Bottle", d("0.01")),)
        )

    def test_yen_are_not_divided(self) -> None:
        assert only_line(line("2", "101"), "JPY").quantity == 1

    def test_of_which_nothing_was_taken_is_left_out(self) -> None:
        assert checkout_cart([line("0", "0.00")], "USD").lines == ()


class TestTotals:
    def test_of_amazons_own_example(self) -> None:
        bottle = line(
            "1",
            "1.00",
            promotions=(Promotion(d("0.01"), "Discount"),),
            fees=(Fee(d("0.05"), "Bottle deposit", d("0.00")),),
        )

        totals = checkout_cart([bottle], "USD").totals

        assert (totals.shelf, totals.promoted, totals.tax) == (d("1.00"), d("0.01"), d("0"))
        assert totals.total == d("1.04"), "Amazon's page prints 0.99 and leaves the deposit out"

    def test_tax_on_a_fee_is_tax(self) -> None:
        totals = checkout_cart([line("1", "1.00", "0.10", fees=(Fee(d("0.05"), "Bag", d("0.01")),))], "USD").totals

        assert (totals.tax, totals.total) == (d("0.11"), d("1.16"))


@settings(max_examples=100, deadline=None)
@given(st.data(), st.sampled_from(["USD", "JPY"]), st.booleans())
def test_amazons_identities_hold_for_any_cart(data: st.DataObject, currency: str, tax_included: bool) -> None:
    """Amazon: checkout_service; counted here in whole cents, from the unit prices alone."""
    priced = data.draw(st.lists(priced_lines(currency, tax_included), max_size=6))

    cart = checkout_cart(priced, currency)

    def cents(amount: Decimal) -> int:
        units = amount / CENTS[currency]
        assert units == int(units), f"{amount} is no whole number of cents"
        return int(units)

    shelf = promoted = tax = total = 0
    for sent in cart.lines:
        unit = sent.unit_price
        off = sum(cents(promotion.amount) for promotion in unit.promotions)
        fees = sum(cents(fee.amount) + cents(fee.sales_tax) for fee in unit.fees)
        assert cents(unit.total) == cents(unit.shelf) - off + cents(unit.sales_tax) + fees
        assert sent.quantity == round(sent.quantity, 2)
        shelf += cents(unit.shelf * sent.quantity)
        promoted += sum(cents(promotion.amount * sent.quantity) for promotion in unit.promotions)
        tax += cents(unit.sales_tax * sent.quantity)
        tax += sum(cents(fee.sales_tax * sent.quantity) for fee in unit.fees)
        total += cents(unit.total * sent.quantity)
    totals = cart.totals
    assert tuple(map(cents, (totals.shelf, totals.promoted, totals.tax, totals.total))) == (
        shelf,
        promoted,
        tax,
        total,
    )
    assert totals.total == sum(line.price.total for line in priced)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(quantities, amounts("USD"), st.sampled_from(["0", "7.25", "20"])), min_size=1, max_size=6),
    st.booleans(),
)
def test_the_total_is_the_trips(goods: list[tuple[Decimal, Decimal, str]], tax_included: bool) -> None:
    prices = [price_line(*these[:2], d(these[2]), currency="USD", tax_included=tax_included) for these in goods]
    trip = add_up(prices, currency="USD")

    cart = checkout_cart(
        (
            PricedLine("SKU-1", quantity, "unit", Price(price.net, price.tax))
            for (quantity, _, _), price in zip(goods, prices, strict=True)
        ),
        "USD",
    )

    assert (cart.totals.total, cart.totals.shelf, cart.totals.tax) == (trip.total, trip.net, trip.tax)
