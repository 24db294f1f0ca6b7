"""The staff's pages about trips and their money. Registered here and not in orders, because they show money."""

from payments.admin.debts import DebtAdmin
from payments.admin.refunds import RefundAdmin
from payments.admin.trips import TripAdmin

__all__ = ["DebtAdmin", "RefundAdmin", "TripAdmin"]
