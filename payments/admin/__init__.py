"""The staff's pages about trips and their money. Registered here and not in orders, because they show money."""

from payments.admin.dash_carts import AccountEntryAdmin, DashCartChargeAdmin
from payments.admin.debts import DebtAdmin
from payments.admin.gate import GateDecisionAdmin
from payments.admin.gate_rules import BlockedShopperAdmin, GateRulesAdmin
from payments.admin.refunds import RefundAdmin
from payments.admin.trips import TripAdmin

__all__ = [
    "AccountEntryAdmin",
    "BlockedShopperAdmin",
    "DashCartChargeAdmin",
    "DebtAdmin",
    "GateDecisionAdmin",
    "GateRulesAdmin",
    "RefundAdmin",
    "TripAdmin",
]
