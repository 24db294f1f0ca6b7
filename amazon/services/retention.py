"""How long the journal remembers."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Model

from amazon.models import InboundCall, OutboundCall

# Deleted at once: one short transaction, whatever has gathered.
BATCH = 1000


def forget_old_calls() -> int:
    """Delete calls older than JOURNAL_RETENTION_DAYS, oldest first. Returns how many."""
    until = datetime.now(UTC) - timedelta(days=settings.JOURNAL_RETENTION_DAYS)
    return forget(InboundCall, until) + forget(OutboundCall, until)


def forget(model: type[Model], until: datetime) -> int:
    """Delete the rows of before, by their time `at`."""
    forgotten = 0
    while ids := list(model._default_manager.filter(at__lt=until).order_by("at").values_list("pk", flat=True)[:BATCH]):
        forgotten += model._default_manager.filter(pk__in=ids).delete()[0]
    return forgotten
