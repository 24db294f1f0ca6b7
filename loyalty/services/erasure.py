"""Erasing who a member was, on their request."""

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from loyalty.events import member_anonymized
from loyalty.member_data import ANONYMOUS
from loyalty.models import Member, Scan
from loyalty.services.members import locked_member
from staff.services.personal_data import rename_looks


def anonymize_member(member: Member) -> Member:
    """Erase the personal data of a member; their trips, money and points are kept, under an id that leads to nobody.

    Gone are name, e-mail, phone, tier, the reason of a block, codes and scan keys; the external id becomes
    `anonymous-<number of the row>`, here and wherever a trip, a debt or a scan names it (orders and payments listen).
    Of the ids that Amazon's carts named for the member's trips, all that were ours are removed. What stays is the
    body of each cart, byte for byte: it is the evidence for what was charged, it names the member by an id that
    nothing here knows any more, and only who may see carts (orders.view_cart) can read it. The journal of Amazon's
    calls forgets by itself. Raises Conflict when it was done before.
    """
    with transaction.atomic():
        member = locked_member(member.pk)
        replacement = f"{ANONYMOUS}{member.pk}"
        ids = {member.external_id, *member.codes.values_list("value", flat=True)}
        member_anonymized.send(Member, member=member, ids=ids, replacement=replacement)
        _forget_scans(member, replacement)
        rename_looks(member.external_id, replacement=replacement)
        member.codes.all().delete()
        member.scan_keys.all().delete()
        for name in ("name", "email", "phone", "tier", "block_reason"):
            setattr(member, name, "")
        member.blocked_at = None
        member.external_id, member.anonymized_at = replacement, timezone.now()
        member.save()
        _forget_log_entries(member)
    return member


def _forget_scans(member: Member, replacement: str) -> None:
    """A scan keeps when and where it was. At a loyalty scan Amazon's id of the event may be the code itself (faq)."""
    scans = Scan.objects.filter(member=member)
    scans.filter(kind=Scan.Kind.LOYALTY).update(event_id="")
    scans.update(shown="", reason="")
    scans.filter(~Q(resolved_id="")).update(resolved_id=replacement)


def _forget_log_entries(member: Member) -> None:
    """The admin's history repeats ids, codes and reasons. Who did something, and when, stays."""
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Member), object_id=str(member.pk))
    entries.update(object_repr=str(member)[:200], change_message="")
