"""The three logins of the demo and what their groups may do."""

from django.contrib.auth.models import Group, Permission, User

LOGINS = ("associate", "manager", "admin")

ASSOCIATE = frozenset(
    {
        "stores.view_store",
        "stores.view_product",
        "stores.view_barcode",
        "orders.view_trip",
        "orders.view_line",
        "orders.view_tripevent",
        "payments.view_charge",
        "payments.view_paymentevent",
        "payments.view_refund",
        "payments.view_refundline",
        "payments.view_debt",
        "payments.view_debtsettlement",
        "payments.settle_debt",
        "payments.view_carddetails",
        "payments.view_receipt",
        "payments.view_feedbackreport",
        "payments.request_refund",
        "loyalty.view_member",
        "loyalty.view_scan",
        "loyalty.view_pointsentry",
        "loyalty.view_promotion",
        "payments.view_gatedecision",
        "payments.view_gaterules",
        "payments.view_blockedshopper",
        "payments.view_dashcartcharge",
        "payments.view_houseaccount",
    }
)
MANAGER = ASSOCIATE | {
    "orders.change_trip",
    "orders.view_cart",
    "orders.view_divergentcart",
    "amazon.view_outboundcall",
    "payments.retry_charge",
    "payments.waive_debt",
    "payments.write_off_debt",
    "payments.resolve_charge",
    "payments.reconcile",
    "payments.approve_refund",
    "payments.resend_receipt",
    "payments.resend_feedbackreport",
    "stores.change_store",
    "stores.add_product",
    "stores.change_product",
    "stores.delete_product",
    "stores.add_barcode",
    "stores.change_barcode",
    "stores.delete_barcode",
    "loyalty.view_personal_data",
    "loyalty.add_member",
    "loyalty.change_member",
    "loyalty.block_member",
    "loyalty.anonymize_member",
    "loyalty.correct_points",
    "loyalty.view_code",
    "loyalty.add_code",
    "loyalty.change_code",
    "loyalty.delete_code",
    "loyalty.add_scankey",
    "loyalty.add_promotion",
    "loyalty.change_promotion",
    "loyalty.delete_promotion",
    "payments.add_gaterules",
    "payments.change_gaterules",
    "payments.add_blockedshopper",
    "payments.delete_blockedshopper",
    "payments.view_accountentry",
    "payments.add_houseaccount",
    "payments.change_houseaccount",
    "payments.pay_in_houseaccount",
    "payments.view_paymentmethod",
    "payments.add_paymentmethod",
    "payments.change_paymentmethod",
    "amazon.view_inboundcall",
    "amazon.replay_inboundcall",
}
GROUPS = {"associate": ASSOCIATE, "manager": MANAGER}


def ensure_people(password: str) -> None:
    """Create the groups and logins, or bring them to what stands here; nothing is written when they are so already."""
    groups = {name: _ensure_group(name, wanted) for name, wanted in GROUPS.items()}
    for name in LOGINS:
        user, is_new = User.objects.get_or_create(
            username=name, defaults={"is_staff": True, "is_superuser": name == "admin", "first_name": name.title()}
        )
        if is_new or not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])
        if name in groups:
            user.groups.set([groups[name]])


def _ensure_group(name: str, wanted: frozenset[str]) -> Group:
    group, _ = Group.objects.get_or_create(name=name)
    rows = Permission.objects.select_related("content_type").all()
    found = {f"{row.content_type.app_label}.{row.codename}": row for row in rows}
    group.permissions.set([found[permission] for permission in sorted(wanted)])
    return group
