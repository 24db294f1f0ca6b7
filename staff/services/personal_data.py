"""Each look at personal data is written down, in one statement for all that a page shows."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.conf import settings

from amazon.services.retention import forget
from staff.models import PersonalDataLook

RIGHT = "loyalty.view_personal_data"
# A page that refreshes itself is one look for so long.
SAME_LOOK = timedelta(minutes=10)
# A file of all members is written down in parts of this size.
BATCH = 2000


def note_looks(actor: str, whose: Iterable[str], *, page: str) -> None:
    """`whose`: external ids of members, and the empty text for anybody else. Call it where the data are shown."""
    looks = [PersonalDataLook(actor=actor, whose=each, page=page) for each in dict.fromkeys(whose)]
    PersonalDataLook.objects.bulk_create(looks, batch_size=BATCH)


def note_repeated_look(actor: str, whose: str, *, page: str) -> None:
    """The same for a part of a page that asks again and again: once in SAME_LOOK."""
    since = datetime.now(UTC) - SAME_LOOK
    if not PersonalDataLook.objects.filter(actor=actor, whose=whose, page=page, at__gt=since).exists():
        note_looks(actor, [whose], page=page)


def rename_looks(external_id: str, *, replacement: str) -> None:
    """The member is called so from now on."""
    PersonalDataLook.objects.filter(whose=external_id).update(whose=replacement)


def forget_old_looks() -> int:
    """Delete looks that are older than JOURNAL_RETENTION_DAYS, oldest first. Returns how many."""
    return forget(PersonalDataLook, datetime.now(UTC) - timedelta(days=settings.JOURNAL_RETENTION_DAYS))
