"""Keeping a member out, and letting them in again."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid
from loyalty.models import Member
from loyalty.services.members import locked_member


def block_member(member: Member, *, reason: str) -> None:
    """From now on no gate lets them in. Raises Invalid without a reason and Conflict when they are blocked already."""
    reason = reason.strip()
    if not reason:
        raise Invalid(_("Say why the member is blocked."), field="reason")
    if len(reason) > 300:
        raise Invalid(_("At most 300 characters are possible."), field="reason")
    with transaction.atomic():
        member = locked_member(member.pk)
        if member.is_blocked:
            raise Conflict(_("This member is blocked already."))
        member.blocked_at, member.block_reason = timezone.now(), reason
        member.save(update_fields=["blocked_at", "block_reason"])


def unblock_member(member: Member) -> None:
    """Raises Conflict when they are not blocked."""
    with transaction.atomic():
        member = locked_member(member.pk)
        if not member.is_blocked:
            raise Conflict(_("This member is not blocked."))
        member.blocked_at, member.block_reason = None, ""
        member.save(update_fields=["blocked_at", "block_reason"])
