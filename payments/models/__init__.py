"""The money: charges and their events, refunds, debts, cards, decisions at the gate, Dash Carts."""

from payments.models.authorizations import BlockedShopper, Fallback, GateDecision, GateRules, Recommendation
from payments.models.cards import CardDetails
from payments.models.charges import Charge, PaymentEvent
from payments.models.dash_carts import AccountEntry, DashCartCharge
from payments.models.debts import Debt
from payments.models.refunds import Refund, RefundLine

__all__ = [
    "AccountEntry",
    "BlockedShopper",
    "CardDetails",
    "Charge",
    "DashCartCharge",
    "Debt",
    "Fallback",
    "GateDecision",
    "GateRules",
    "PaymentEvent",
    "Recommendation",
    "Refund",
    "RefundLine",
]
