"""The money: charges and their events, refunds, debts, feedback, receipts, accounts, cards, the gate, Dash Carts."""

from payments.models.accounts import AccountEntry, HouseAccount, PaymentMethod
from payments.models.authorizations import BlockedShopper, Fallback, GateDecision, GateRules, Recommendation
from payments.models.cards import CardDetails
from payments.models.charges import Charge, PaymentEvent
from payments.models.dash_carts import DashCartCharge
from payments.models.debts import Debt, DebtSettlement
from payments.models.feedback import FeedbackReport
from payments.models.receipts import Receipt
from payments.models.refunds import Refund, RefundLine

__all__ = [
    "AccountEntry",
    "BlockedShopper",
    "CardDetails",
    "Charge",
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
    "RefundLine",
]
