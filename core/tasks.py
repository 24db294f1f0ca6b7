"""Celery wakes this."""

from celery import shared_task
from django.db.models.functions import Now

from core.models import Heartbeat


@shared_task
def note_heartbeat() -> None:
    """Beat, the broker, a worker and the database had all to do their part for this."""
    Heartbeat.objects.update_or_create(pk=1, defaults={"at": Now()})
