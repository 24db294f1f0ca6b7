"""Codes that the retailer's app shows for some seconds: made here, and read at the gate. Amazon: mobile_app_entry."""

import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict
from loyalty.models import Member, ScanKey

# A gate's clock may be behind ours by so much.
CLOCK_SKEW = timedelta(seconds=5)
# Amazon may report a scan late, with the time at which it was; after a day it does not.
KEPT = timedelta(days=1)

_AFTER_PREFIX = re.compile(r"[0-9a-f]{32}(?P<seconds>[0-9]{10})")


def issue_scan_key(member: Member) -> str:
    """The text to show: the prefix, a token of 32 hexadecimal digits and the time in seconds of the epoch.

    Raises Conflict for a member whom no gate would let in.
    """
    if member.is_blocked or member.anonymized_at is not None:
        raise Conflict(_("This member is blocked or erased, so that no code of theirs opens a gate."))
    issued_at = timezone.now().replace(microsecond=0)
    text = f"{settings.SCAN_KEY_PREFIX}{secrets.token_hex(16)}{int(issued_at.timestamp()):010d}"
    ScanKey.objects.create(member=member, digest=digest(text), issued_at=issued_at)
    return text


def issued_at(text: str) -> datetime | None:
    """When a text says that it was issued as a scan key; None for one that does not look like ours."""
    prefix: str = settings.SCAN_KEY_PREFIX
    match = _AFTER_PREFIX.fullmatch(text.removeprefix(prefix)) if text.startswith(prefix) else None
    return datetime.fromtimestamp(int(match["seconds"]), UTC) if match else None


def digest(text: str) -> str:
    """What is kept of a scan key. It covers the key's time, which therefore cannot be exchanged."""
    return hashlib.sha256(text.encode()).hexdigest()


def staleness(issued: datetime, *, scanned: datetime) -> str:
    """Why a scan key opens no gate at this moment, in words for staff; empty while it does.

    Inside its window it opens the gate as often as it is shown, since a group enters with one key.
    """
    age = scanned - issued
    if age < -CLOCK_SKEW:
        return f"The code was scanned {-age.total_seconds():.0f} s before it was issued."
    if age > timedelta(seconds=settings.SCAN_KEY_SECONDS):
        return f"The code was {age.total_seconds():.0f} s old; it opens the gate for {settings.SCAN_KEY_SECONDS} s."
    return ""


def forget_old() -> int:
    """Delete the keys that no gate can ask about any more; how many there were."""
    count, _by_model = ScanKey.objects.filter(issued_at__lt=timezone.now() - KEPT).delete()
    return count
