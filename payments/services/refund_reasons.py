"""The reasons that staff choose from when they give money back. A retailer changes them; the first ones are here."""

from typing import Any

from django.apps import apps as todays_apps
from django.db.models import QuerySet

from payments.models import RefundReason
from payments.states import ReasonCode

_FIRST = [
    ("Damaged item", ReasonCode.DAMAGED_ITEM),
    ("Expired item", ReasonCode.EXPIRED_ITEM),
    ("Unwanted item", ReasonCode.UNWANTED_ITEM),
    ("Not in the shopper's bag", ReasonCode.JWO_TECH_ERROR),
    ("Wrong quantity", ReasonCode.JWO_TECH_ERROR),
    ("Wrong price", ReasonCode.OTHER),
    ("Goodwill", ReasonCode.OTHER),
    ("Other", ReasonCode.OTHER),
]


def offered_reasons() -> QuerySet[RefundReason]:
    return RefundReason.objects.filter(is_active=True)


def make_first_reasons(apps: Any = todays_apps, **kwargs: Any) -> None:
    """After each migration, and each flush (which names no `apps`), where there is none yet: whoever wants none of them
    in use switches them off."""
    try:
        reasons = apps.get_model("payments", "RefundReason")._default_manager
    except LookupError:  # migrated back to before there were any
        return
    if not reasons.exists():
        rows = enumerate(_FIRST)
        reasons.bulk_create(reasons.model(label=label, code=code, position=n) for n, (label, code) in rows)
