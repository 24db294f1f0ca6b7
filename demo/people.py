"""The three logins of the demo, with the groups that they belong to and the stores that they see."""

from decimal import Decimal

from django.contrib.auth.models import Group, Permission

from demo.assortment import CARD, COMBO
from payments.models import RefundLimit
from staff.groups import make_groups
from staff.models import User
from stores.models import Store

LOGINS = ("associate", "manager", "admin")
# The others see every store.
WORKS_AT = {"associate": (CARD, COMBO)}
MOST_BY_AN_ASSOCIATE = Decimal(100)


def ensure_people(password: str) -> None:
    """Create them, or bring them to what stands here; nothing is written when they are so already."""
    make_groups(Group.objects, Permission.objects)
    for name in LOGINS:
        is_admin = name == "admin"
        user, is_new = User.objects.get_or_create(
            username=name,
            defaults={
                "is_staff": True,
                "is_superuser": is_admin,
                "sees_all_stores": name not in WORKS_AT,
                "first_name": name.title(),
                "email": f"{name}@demo.invalid",
            },
        )
        if is_new or not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])
        if not is_admin:
            user.groups.set([Group.objects.get(name=name)])
        if name in WORKS_AT:
            user.stores.set(Store.objects.filter(external_id__in=WORKS_AT[name]))
    for currency in ("GBP", "USD"):
        group = Group.objects.get(name="associate")
        RefundLimit.objects.get_or_create(group=group, currency=currency, defaults={"most": MOST_BY_AN_ASSOCIATE})
