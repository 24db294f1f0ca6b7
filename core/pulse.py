"""Does the work go on? In one statement, so that every page can ask."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import DateTimeField, IntegerField, QuerySet, Subquery
from django.db.models.functions import Now

from core.models import Heartbeat
from core.work import WorkRow

DELAYED_AFTER = timedelta(seconds=10)
STUCK_AFTER = timedelta(minutes=2)
SILENT_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Pulse:
    """By the database's clock. `oldest`: of each kind of work that is due since when, the longest first. `heartbeat`:
    when beat last had a worker do something; None before the first time."""

    now: datetime
    heartbeat: datetime | None
    oldest: dict[str, datetime]
    counts: dict[str, int]

    @property
    def delayed(self) -> dict[str, datetime]:
        """What a worker should have taken by now."""
        return self._due_for(DELAYED_AFTER)

    @property
    def stuck(self) -> dict[str, datetime]:
        """What has been due for so long that nobody seems to work on it."""
        return self._due_for(STUCK_AFTER)

    def _due_for(self, time: timedelta) -> dict[str, datetime]:
        return {kind: since for kind, since in self.oldest.items() if self.now - since > time}

    @property
    def is_silent(self) -> bool:
        return self.heartbeat is not None and self.now - self.heartbeat > SILENT_AFTER


class CountOf(Subquery):
    """How many rows it has."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
    empty_result_set_value = 0


def pulse(**counts: QuerySet[Any]) -> Pulse:
    """Reads the first row of each index that holds what is due, and no others. What else a page counts in every case
    comes along: give it bounded rows."""
    kinds = [model for model in apps.get_models() if issubclass(model, WorkRow)]
    oldest = {f"due_{model._meta.model_name}": Subquery(_oldest(model)) for model in kinds}
    heartbeat = Subquery(Heartbeat.objects.values("at")[:1])
    # Of any table: what is read stands in none of its rows.
    rows = ContentType.objects.order_by("pk").annotate(
        now=Now(output_field=DateTimeField()), heartbeat=heartbeat, **oldest
    )
    rows = rows.annotate(**{f"count_{name}": CountOf(counted) for name, counted in counts.items()})
    row = rows.values("now", "heartbeat", *oldest, *(f"count_{name}" for name in counts))[:1].get()
    due = {str(model._meta.verbose_name_plural): row[f"due_{model._meta.model_name}"] for model in kinds}
    in_order = sorted((since, kind) for kind, since in due.items() if since)
    return Pulse(
        now=row["now"],
        heartbeat=row["heartbeat"],
        oldest={kind: since for since, kind in in_order},
        counts={name: row[f"count_{name}"] for name in counts},
    )


def _oldest(model: type[WorkRow]) -> Any:
    due = model._default_manager.filter(next_attempt_at__lte=Now()).order_by("next_attempt_at")
    return due.values_list("next_attempt_at", flat=True)[:1]
