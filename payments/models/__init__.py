"""The money: charges and their events, refunds, debts, feedback, receipts, accounts, cards, the gate, Dash Carts."""

from payments.models.accounts import AccountEntry, HouseAccount, PaymentMethod
from payments.models.authorizations import BlockedShopper, Fallback, GateDecision, GateRules, Recommendation
from payments.models.bulk import BulkItem, BulkJob, BulkLimit
from payments.models.cards import CardDetails
from payments.models.charges import Charge, PaymentEvent
from payments.models.contests import ContestAnswer, ContestedCart, ContestedLine
from payments.models.dash_carts import DashCartCharge
from payments.models.debts import Debt, DebtSettlement
from payments.models.feedback import FeedbackReport
from payments.models.receipts import Receipt
from payments.models.refund_limits import RefundLimit
from payments.models.refund_notices import RefundNotice
from payments.models.refund_reasons import RefundReason
from payments.models.refunds import Refund, RefundLine
from payments.models.told import Told

__all__ = [
    "AccountEntry",
    "BlockedShopper",
    "BulkItem",
    "BulkJob",
    "BulkLimit",
    "CardDetails",
    "Charge",
    "ContestAnswer",
    "ContestedCart",
    "ContestedLine",
    "DashCartCharge",
    "Debt",
    "DebtSettlement",
    "Fallback",
    "FeedbackReport",
    "GateDecision",
    "GateRules",
    "HouseAccount",
    "PaymentEvent",
    "PaymentMethod",
    "Receipt",
    "Recommendation",
    "Refund",
    "RefundLimit",
    "RefundLine",
    "RefundNotice",
    "RefundReason",
    "Told",
]
