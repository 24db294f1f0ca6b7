"""Whether a cart adds up, to the cent. Amazon: payment_processing ("a mismatch gives a specific error code").

Our reading of what Amazon leaves open. A unit price is the price of one unit: one each, or one kilogram. It is what is
left of the shelf price after promotions, with sales tax, and with deposits and fees and the tax on them. Each of these
parts times the quantity, rounded half up to cents, is that part of the line; the order's totals are sums over the
lines, and agree with each other, too. The tax on fees is sales tax. Amazon's own example leaves its deposit out of all
totals (checkout_service), so a cart that does so throughout is taken as well.

So a line whose parts no longer add up after rounding (0.345 kg with tax on top) cannot be sent per unit: it goes as
quantity 1, priced as a whole.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal

from sandbox.answers import CART_CONTENT, ORDER_TOTAL
from sandbox.checkout_requests import CartLine, CartRequest, OrderTotals, UnitPrice
from sandbox.money import round_to_cents
from sandbox.validation import require


def require_sums(cart: CartRequest) -> None:
    """Raises RejectedError."""
    require(bool(cart.lines), CART_CONTENT)
    with_fees = all(_adds_up(line.unit_price, line.unit_price.fees) for line in cart.lines)
    require(with_fees or all(_adds_up(line.unit_price, Decimal()) for line in cart.lines), CART_CONTENT)
    expected = OrderTotals(
        price=_sum(cart.lines, lambda unit_price: unit_price.total),
        sub=_sum(cart.lines, lambda unit_price: unit_price.price),
        promotions=_sum(cart.lines, lambda unit_price: unit_price.promotions),
        sales_tax=_sum(cart.lines, lambda unit_price: unit_price.sales_tax),
    )
    fees = _sum(cart.lines, lambda unit_price: unit_price.fees) if with_fees else Decimal()
    require(cart.totals == expected, ORDER_TOTAL)
    require(expected.price == expected.sub - expected.promotions + expected.sales_tax + fees, ORDER_TOTAL)


def _adds_up(unit_price: UnitPrice, fees: Decimal) -> bool:
    return unit_price.total == unit_price.price - unit_price.promotions + unit_price.sales_tax + fees


def _sum(lines: Iterable[CartLine], part: Callable[[UnitPrice], Decimal]) -> Decimal:
    return sum((round_to_cents(part(line.unit_price) * line.quantity) for line in lines), Decimal())
