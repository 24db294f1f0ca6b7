"""The cart that Amazon's checkout service charges: pure arithmetic, no database. Amounts are in the cart's currency.

Amazon wants items, promotions, taxes and totals to agree to the cent (payment_processing, checkout_service). They do
here, whatever the cart: a total is the sum of quantity times unit price, and no unit price is rounded. Our reading:
`unitPrice` is the price of one unit (docs/decisions/0013-checkout-cart.md).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from core.money import ZERO, rounded
from orders.pricing import same_unit

EACH = "each"
ONE = Decimal(1)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Promotion:
    """`amount` is above zero, and taken off the price."""

    amount: Decimal
    description: str


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee or a deposit, such as for a bottle, and the tax on it."""

    amount: Decimal
    description: str
    sales_tax: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Price:
    """`shelf` is before promotions and fees, and without tax, also where the shelf shows prices with tax."""

    shelf: Decimal
    sales_tax: Decimal
    promotions: tuple[Promotion, ...] = ()
    fees: tuple[Fee, ...] = ()

    @property
    def promoted(self) -> Decimal:
        return sum((promotion.amount for promotion in self.promotions), ZERO)

    @property
    def tax(self) -> Decimal:
        """On the goods and on the fees."""
        return sum((fee.sales_tax for fee in self.fees), self.sales_tax)

    @property
    def total(self) -> Decimal:
        """What the shopper pays."""
        return sum((fee.amount for fee in self.fees), self.shelf - self.promoted + self.tax)

    def each(self, change: Callable[[Decimal], Decimal]) -> "Price":
        """The same price with every amount changed."""
        return Price(
            change(self.shelf),
            change(self.sales_tax),
            tuple(replace(promotion, amount=change(promotion.amount)) for promotion in self.promotions),
            tuple(replace(fee, amount=change(fee.amount), sales_tax=change(fee.sales_tax)) for fee in self.fees),
        )


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line of a trip; `price` is that of the whole line."""

    sku: str
    quantity: Decimal
    unit: str
    price: Price


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """A line as Amazon gets it."""

    product_id: str
    quantity: Decimal
    unit: str
    unit_price: Price

    @property
    def price(self) -> Price:
        return self.unit_price.each(lambda amount: amount * self.quantity)


@dataclass(frozen=True, slots=True)
class Totals:
    """Fees stand in `total` alone: Amazon shows no field for their sum."""

    shelf: Decimal
    promoted: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class CheckoutCart:
    currency: str
    lines: tuple[CheckoutLine, ...]

    @property
    def totals(self) -> Totals:
        prices = [line.price for line in self.lines]
        return Totals(
            shelf=sum((price.shelf for price in prices), ZERO),
            promoted=sum((price.promoted for price in prices), ZERO),
            tax=sum((price.tax for price in prices), ZERO),
            total=sum((price.total for price in prices), ZERO),
        )


def checkout_cart(lines: Iterable[PricedLine], currency: str) -> CheckoutCart:
    """The lines as Amazon takes them. One of which nothing was taken, and that costs nothing, is left out."""
    wanted = (line for line in lines if line.quantity or line.price.total)
    return CheckoutCart(currency, tuple(_line(line, currency) for line in wanted))


def _line(line: PricedLine, currency: str) -> CheckoutLine:
    """By the unit; as one piece at the price of the whole line where a unit does not cost whole cents."""
    if line.quantity and not line.quantity % CENT:
        unit_price = line.price.each(lambda amount: rounded(amount / line.quantity, currency))
        by_unit = CheckoutLine(line.sku, line.quantity, _unit(line.unit), unit_price)
        if by_unit.price == line.price:
            return by_unit
    return CheckoutLine(line.sku, ONE, EACH, line.price)


def _unit(unit: str) -> str:
    """Amazon's checkout calls `each` what its carts call `unit`."""
    return EACH if same_unit(unit, EACH) else unit
