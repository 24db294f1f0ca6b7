"""The work that waits: for /readyz, for `manage.py work_backlog` and for whatever watches them."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.apps import apps
from django.db.models import Count, Min, Q
from django.db.models.functions import Now

from core.admin.paging import MOST_COUNTED, AtLeast
from core.work import WorkRow

LATE_AFTER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Backlog:
    """One kind of work, counted among the MOST_COUNTED rows that fall due first; a number that is more is an AtLeast.

    `oldest` has been due the longest. `failing` rows have failed and wait for their next try. `late` rows have been due
    for so long that no worker seems to take them, or that their host is left alone meanwhile. A row that a worker has
    in hand is not due.
    """

    kind: str
    due: int
    oldest: datetime | None
    failing: int
    late: int

    @property
    def as_json(self) -> dict[str, object]:
        return asdict(self)


def backlog(late_after: float = LATE_AFTER_SECONDS) -> list[Backlog]:
    """Every kind of work, the one with the oldest due row first: one bounded statement for each."""
    kinds = [_backlog_of(model, late_after) for model in apps.get_models() if issubclass(model, WorkRow)]
    return sorted(kinds, key=lambda kind: (kind.oldest is None, str(kind.oldest), kind.kind))


def _backlog_of(model: type[WorkRow], late_after: float) -> Backlog:
    """Reads the first rows of the index that holds what is due some time, and no others."""
    waiting = model._default_manager.filter(next_attempt_at__isnull=False).order_by("next_attempt_at")
    is_due, is_late = Q(next_attempt_at__lte=Now()), Q(next_attempt_at__lte=Now() - timedelta(seconds=late_after))
    counts = waiting[: MOST_COUNTED + 1].aggregate(
        due=Count("pk", filter=is_due),
        oldest=Min("next_attempt_at", filter=is_due),
        failing=Count("pk", filter=Q(failed_attempts__gt=0)),
        late=Count("pk", filter=is_late),
        waiting=Count("pk"),
    )
    are_all_counted = counts["waiting"] <= MOST_COUNTED
    return Backlog(
        kind=str(model._meta.model_name),
        due=_at_most(counts["due"]),
        oldest=counts["oldest"],
        failing=counts["failing"] if are_all_counted else AtLeast(min(counts["failing"], MOST_COUNTED)),
        late=_at_most(counts["late"]),
    )


def _at_most(count: int) -> int:
    """What is due stands first, so that it is cut off only when all that was read is due."""
    return count if count <= MOST_COUNTED else AtLeast(MOST_COUNTED)
