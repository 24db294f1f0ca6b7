"""What is added up for a report, and what follows from the sums. Pure, no database."""

from dataclasses import dataclass, fields
from decimal import Decimal

from core.money import ZERO, rounded


@dataclass(slots=True)
class Figures:
    """Of one currency. Shares and averages are None where there is nothing to divide by."""

    currency: str
    trips: int = 0
    baskets: int = 0
    items: Decimal = ZERO
    gross: Decimal = ZERO
    tax: Decimal = ZERO
    unpaid: Decimal = ZERO
    dwell_seconds: int = 0
    charged: int = 0
    charged_seconds: int = 0
    members: int = 0
    apps: int = 0
    unpriced: int = 0
    uncollected: int = 0
    refunds: int = 0
    refunded: Decimal = ZERO
    adjusted: Decimal = ZERO
    recovered: Decimal = ZERO

    def add(self, other: "Figures") -> None:
        """Of the same currency, as Money: two are never added together."""
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        for field in fields(self)[1:]:
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    @property
    def net(self) -> Decimal:
        """What is left of the sales after refunds. What was adjusted is refunded, but the sales are lower already."""
        return self.gross - (self.refunded - self.adjusted)

    @property
    def refund_rate(self) -> Decimal | None:
        return divided(self.refunded, self.gross)

    @property
    def average_basket(self) -> Decimal | None:
        return rounded(self.gross / self.baskets, self.currency) if self.baskets else None

    @property
    def items_per_basket(self) -> Decimal | None:
        return divided(self.items, self.baskets)

    @property
    def dwell(self) -> Decimal | None:
        """Seconds."""
        return divided(self.dwell_seconds, self.trips)

    @property
    def exit_to_charged(self) -> Decimal | None:
        """Seconds."""
        return divided(self.charged_seconds, self.charged)

    @property
    def member_share(self) -> Decimal | None:
        return divided(self.members, self.trips)

    @property
    def app_share(self) -> Decimal | None:
        return divided(self.apps, self.trips)

    @property
    def card_share(self) -> Decimal | None:
        return divided(self.trips - self.apps, self.trips)


def divided(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    if not whole:
        return None
    return Decimal(part) / Decimal(whole) if part else ZERO
