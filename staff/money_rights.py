"""Which rights move money: whoever has one of them signs in with a second factor (MFA_REQUIRED_FOR_MONEY).

What gives money back, takes it, gives it up or says what became of it stands here, beside the groups in
staff/groups.py. So does what says how much of that somebody may do, and what could give somebody one of these rights.
"""

from django.contrib.auth.models import AnonymousUser

from staff.models import User

MOVES_MONEY = frozenset(
    {
        "loyalty.correct_points",
        "orders.change_trip",
        "payments.add_houseaccount",
        "payments.add_paymentmethod",
        "payments.adjust_trip",
        "payments.approve_refund",
        "payments.change_houseaccount",
        "payments.change_paymentmethod",
        "payments.decide_contestedcart",
        "payments.pay_in_houseaccount",
        "payments.refund_amount",
        "payments.request_refund",
        "payments.resolve_charge",
        "payments.retry_charge",
        "payments.settle_debt",
        "payments.waive_debt",
        "payments.write_off_debt",
        # how much of it
        "payments.add_bulklimit",
        "payments.add_refundlimit",
        "payments.change_bulklimit",
        "payments.change_refundlimit",
        "payments.delete_bulklimit",
        "payments.delete_refundlimit",
        "stores.add_store",
        "stores.change_store",
        # and by whom
        "auth.add_group",
        "auth.change_group",
        "staff.add_user",
        "staff.change_user",
    }
)


def moves_money(person: User | AnonymousUser) -> bool:
    return any(person.has_perm(right) for right in MOVES_MONEY)
