"""The staff's pages about trips and their money. Registered here and not in orders, because they show money."""

from payments.admin.accounts import AccountEntryAdmin, HouseAccountAdmin, PaymentMethodAdmin
from payments.admin.bulk import BulkJobAdmin, BulkLimitAdmin
from payments.admin.contests import ContestedCartAdmin
from payments.admin.dash_carts import DashCartChargeAdmin
from payments.admin.debts import DebtAdmin
from payments.admin.feedback import FeedbackReportAdmin
from payments.admin.gate import GateDecisionAdmin
from payments.admin.gate_rules import BlockedShopperAdmin, GateRulesAdmin
from payments.admin.receipts import ReceiptAdmin
from payments.admin.refund_limits import RefundLimitAdmin
from payments.admin.refund_reasons import RefundReasonAdmin
from payments.admin.refunds import RefundAdmin
from payments.admin.trips import TripAdmin

__all__ = [
    "AccountEntryAdmin",
    "BlockedShopperAdmin",
    "BulkJobAdmin",
    "BulkLimitAdmin",
    "ContestedCartAdmin",
    "DashCartChargeAdmin",
    "DebtAdmin",
    "FeedbackReportAdmin",
    "GateDecisionAdmin",
    "GateRulesAdmin",
    "HouseAccountAdmin",
    "PaymentMethodAdmin",
    "ReceiptAdmin",
    "RefundAdmin",
    "RefundLimitAdmin",
    "RefundReasonAdmin",
    "TripAdmin",
]
