"""Invented lines of a trip, priced as trips are, with promotions and fees."""

from decimal import Decimal

from hypothesis import strategies as st

from orders.pricing import price_line
from payments.checkout_cart import Fee, Price, PricedLine, Promotion

CENTS = {"USD": Decimal("0.01"), "JPY": Decimal(1)}


def amounts(currency: str, most: int = 10_000) -> st.SearchStrategy[Decimal]:
    return st.integers(0, most).map(lambda units: units * CENTS[currency])


quantities = st.one_of(
    st.integers(0, 200).map(Decimal),
    st.decimals("0.0001", "50", places=4),
    st.decimals("0.01", "50", places=2),
    st.decimals("0.0000000001", "3", places=10),
)


@st.composite
def priced_lines(draw: st.DrawFn, currency: str, tax_included: bool) -> PricedLine:
    quantity = draw(quantities)
    rate = draw(st.sampled_from(["0", "5", "7.25", "8.875", "20"]))
    price = price_line(quantity, draw(amounts(currency)), Decimal(rate), currency=currency, tax_included=tax_included)
    promotions = draw(st.lists(amounts(currency, 300), max_size=2))
    fees = draw(st.lists(st.tuples(amounts(currency, 300), amounts(currency, 30)), max_size=2))
    return PricedLine(
        "SKU-1",
        quantity,
        draw(st.sampled_from(["unit", "each", "kg", "lb"])),
        Price(
            price.net + sum(promotions),
            price.tax,
            tuple(Promotion(amount, "Deal") for amount in promotions),
            tuple(Fee(amount, "Bag", tax) for amount, tax in fees),
        ),
    )
