"""What a shopper wrote when they contested a cart may say who they are."""

from typing import Any

from django.utils.translation import gettext as _

from core.rights import missing_right
from payments.models import ContestedCart
from staff.services.personal_data import RIGHT


def message_for(user: Any, contest: ContestedCart) -> str:
    """What the shopper wrote, or that they did."""
    if not contest.message or user.has_perm(RIGHT):
        return contest.message
    return _("The shopper left a message. %(missing_right)s") % {"missing_right": missing_right(RIGHT)}
