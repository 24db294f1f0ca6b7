"""Which part of a refund takes back sales, and at which tax rates: pure, no database.

What a shopper has paid beyond what the trip costs by now is not sold any more, since staff adjusted it: what pays that
back takes back no sale. The rest is spread over tax rates by the refunded items or, where an amount was refunded, by
what is left of each rate. A rate's tax is that of all that was given back of it so far, less that of what was before:
when all of it is given back, the tax is that of its lines to the cent.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from core.money import ZERO, rounded
from orders.pricing import Price

Rate = Decimal


@dataclass(frozen=True, slots=True)
class Sold:
    """A trip as it stands: what it costs at each rate, and how much more than that was paid."""

    currency: str
    rates: Mapping[Rate, Price]
    overpaid: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Given:
    """A refund that was done. `items` is what it gives back at each rate; empty where it is of an amount."""

    id: UUID
    amount: Decimal
    is_of_adjustment: bool = False
    items: Mapping[Rate, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shares:
    """Both add up to the refund."""

    overpaid: Decimal
    sales: Mapping[Rate, Price]


def shares_of(sold: Sold, refunds: Sequence[Given]) -> dict[UUID, Shares]:
    """All that was refunded of a trip, in the order in which it was; of what was overpaid, adjustments come first."""
    found: dict[UUID, Shares] = {}
    overpaid = sold.overpaid
    given: defaultdict[Rate, Decimal] = defaultdict(lambda: ZERO)
    for refund in sorted(refunds, key=lambda refund: not refund.is_of_adjustment):
        back = min(refund.amount, overpaid)
        overpaid -= back
        left = {rate: price.total - given[rate] for rate, price in sold.rates.items()}
        sales = {}
        for rate, amount in _spread(refund.amount - back, refund.items or left, sold.currency).items():
            tax = _tax_within(sold, rate, given[rate] + amount) - _tax_within(sold, rate, given[rate])
            given[rate] += amount
            sales[rate] = Price(tax=tax, total=amount)
        found[refund.id] = Shares(back, sales)
    return found


def _spread(amount: Decimal, weights: Mapping[Rate, Decimal], currency: str) -> dict[Rate, Decimal]:
    """In proportion, to the cent: the parts add up to the amount. Without any weight all of it is of no tax."""
    positive = {rate: weight for rate, weight in sorted(weights.items()) if weight > 0} or {ZERO: Decimal(1)}
    whole, so_far, spread = sum(positive.values(), ZERO), ZERO, ZERO
    parts = {}
    for rate, weight in positive.items():
        so_far += weight
        parts[rate] = rounded(amount * so_far / whole, currency) - spread
        spread += parts[rate]
    return {rate: part for rate, part in parts.items() if part}


def _tax_within(sold: Sold, rate: Rate, amount: Decimal) -> Decimal:
    price = sold.rates.get(rate)
    if price is None or not price.total:
        return ZERO
    return rounded(price.tax * amount / price.total, sold.currency)
