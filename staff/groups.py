"""The groups that this project brings along, and what each may do.

A migration makes them, and each change here comes with one that runs `make_groups` again. A retailer may change the
groups, or make others: `make_groups` gives a group what it should have and takes nothing away.
"""

from typing import Any

# Sees what happened at the stores, and gives money back within the limits.
ASSOCIATE = frozenset(
    {
        "loyalty.view_member",
        "loyalty.view_pointsentry",
        "loyalty.view_promotion",
        "loyalty.view_scan",
        "orders.add_note",
        "orders.view_line",
        "orders.view_trip",
        "orders.view_tripevent",
        "payments.open_contestedcart",
        "payments.request_refund",
        "payments.resend_receipt",
        "payments.settle_debt",
        "payments.view_blockedshopper",
        "payments.view_carddetails",
        "payments.view_charge",
        "payments.view_contestedcart",
        "payments.view_dashcartcharge",
        "payments.view_debt",
        "payments.view_debtsettlement",
        "payments.view_feedbackreport",
        "payments.view_gatedecision",
        "payments.view_gaterules",
        "payments.view_houseaccount",
        "payments.view_paymentevent",
        "payments.view_receipt",
        "payments.view_refund",
        "payments.view_refundline",
        "stores.view_barcode",
        "stores.view_product",
        "stores.view_store",
    }
)
# Runs stores: decides what is refunded, reviewed, sold and let in, and who works there (staff.services.people).
MANAGER = ASSOCIATE | {
    "amazon.replay_inboundcall",
    "amazon.view_inboundcall",
    "amazon.view_outboundcall",
    "loyalty.add_code",
    "loyalty.add_member",
    "loyalty.add_promotion",
    "loyalty.add_scankey",
    "loyalty.anonymize_member",
    "loyalty.block_member",
    "loyalty.change_code",
    "loyalty.change_member",
    "loyalty.change_promotion",
    "loyalty.correct_points",
    "loyalty.delete_code",
    "loyalty.delete_promotion",
    "loyalty.view_code",
    "loyalty.view_personal_data",
    "orders.change_trip",
    "orders.mark_seen",
    "orders.view_cart",
    "orders.view_divergentcart",
    "payments.add_blockedshopper",
    "payments.add_gaterules",
    "payments.add_houseaccount",
    "payments.add_paymentmethod",
    "payments.add_refundreason",
    "payments.adjust_trip",
    "payments.approve_refund",
    "payments.change_gaterules",
    "payments.change_houseaccount",
    "payments.change_paymentmethod",
    "payments.change_refundreason",
    "payments.decide_contestedcart",
    "payments.delete_blockedshopper",
    "payments.pay_in_houseaccount",
    "payments.reconcile",
    "payments.refund_amount",
    "payments.resend_feedbackreport",
    "payments.resolve_charge",
    "payments.retry_charge",
    "payments.view_bulkjob",
    "payments.view_bulklimit",
    "payments.view_all_bulkjobs",
    "payments.view_accountentry",
    "payments.view_paymentmethod",
    "payments.view_refundlimit",
    "payments.view_refundreason",
    "payments.waive_debt",
    "payments.write_off_debt",
    "staff.add_user",
    "staff.change_user",
    "staff.view_audit",
    "staff.view_user",
    "stores.add_barcode",
    "stores.add_product",
    "stores.change_barcode",
    "stores.change_product",
    "stores.change_store",
    "stores.delete_barcode",
    "stores.delete_product",
    "staff.share_savedview",
    "reports.view_reports",
}
# Reconciles: sees all of the money, settles what is owed, and says how much each role may give back.
FINANCE = ASSOCIATE | {
    "amazon.view_outboundcall",
    "orders.mark_seen",
    "orders.view_cart",
    "orders.view_divergentcart",
    "payments.add_houseaccount",
    "payments.add_refundlimit",
    "payments.approve_refund",
    "payments.change_houseaccount",
    "payments.change_refundlimit",
    "payments.delete_refundlimit",
    "payments.pay_in_houseaccount",
    "payments.reconcile",
    "payments.refund_amount",
    "payments.resend_feedbackreport",
    "payments.resolve_charge",
    "payments.retry_charge",
    "payments.view_accountentry",
    "payments.view_paymentmethod",
    "payments.view_refundlimit",
    "payments.waive_debt",
    "payments.write_off_debt",
    "staff.view_audit",
    "reports.view_reports",
}
# Connects Amazon and the retailer's systems, up to green connectivity tests; has nothing to do with money.
INTEGRATOR = frozenset(
    {
        "amazon.replay_inboundcall",
        "amazon.view_inboundcall",
        "amazon.view_outboundcall",
        "loyalty.add_code",
        "loyalty.add_member",
        "loyalty.add_promotion",
        "loyalty.change_promotion",
        "loyalty.view_code",
        "loyalty.view_member",
        "loyalty.view_promotion",
        "loyalty.view_scan",
        "orders.view_cart",
        "orders.view_line",
        "orders.view_trip",
        "orders.view_tripevent",
        "payments.add_gaterules",
        "payments.change_gaterules",
        "payments.view_charge",
        "payments.view_dashcartcharge",
        "payments.view_feedbackreport",
        "payments.view_gatedecision",
        "payments.view_gaterules",
        "payments.view_paymentevent",
        "stores.add_barcode",
        "stores.add_product",
        "stores.add_store",
        "stores.change_product",
        "stores.change_store",
        "stores.view_barcode",
        "stores.view_product",
        "stores.view_store",
    }
)
# Sees everything that one of the others sees, their configuration and what they did; changes nothing, and is shown no
# personal data.
AUDITOR = frozenset(
    {right for right in MANAGER | FINANCE | INTEGRATOR if right.partition(".")[2].startswith("view_")}
    - {"loyalty.view_personal_data"}
    | {"auth.view_group", "payments.reconcile", "staff.view_personaldatalook"}
)
GROUPS = {
    "associate": ASSOCIATE,
    "manager": MANAGER,
    "finance": FINANCE,
    "auditor": AUDITOR,
    "integrator": INTEGRATOR,
}


def make_groups(groups: Any, permissions: Any) -> None:
    """`groups` and `permissions` are the managers of Group and Permission, a migration's or today's."""
    rows = permissions.select_related("content_type")
    found = {f"{row.content_type.app_label}.{row.codename}": row for row in rows}
    for name, rights in GROUPS.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*(found[right] for right in sorted(rights)))
