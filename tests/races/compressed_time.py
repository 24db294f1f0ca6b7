"""Time compressed: whatever waits has waited long enough, whichever lease or back-off it waits for."""

from datetime import timedelta

from django.apps import apps
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from amazon.outbound import pauses
from core.work import WorkRow
from jwo_backoffice.celery import WORK
from reports.models import CallFold, Fold

MOST_TICKS = 40


def waiting() -> list[QuerySet[WorkRow]]:
    """The rows of each kind of work that are due some time. What counts for the reports always is."""
    kinds = [model for model in apps.get_models() if issubclass(model, WorkRow) and model not in {Fold, CallFold}]
    return [kind._default_manager.filter(next_attempt_at__isnull=False) for kind in kinds]


def something_waits() -> bool:
    return any(rows.exists() for rows in waiting())


def set_aside() -> None:
    """Nobody takes what waits, for an hour."""
    for rows in waiting():
        rows.update(next_attempt_at=Now() + timedelta(hours=1))


def the_time_comes() -> None:
    pauses.forget()
    for rows in waiting():
        rows.update(next_attempt_at=Now() - timedelta(seconds=1))


def tick() -> None:
    """The time of all that waits has come, and a worker does everything that is due."""
    the_time_comes()
    for task in WORK:
        import_string(task)()


def work_off() -> None:
    """Until nothing waits. Raises TimeoutError where something waits for ever."""
    for _ in range(MOST_TICKS):
        if not something_waits():
            return
        tick()
    raise TimeoutError(f"after {MOST_TICKS} ticks something still waits")
