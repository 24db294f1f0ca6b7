"""Celery wakes this."""

from celery import shared_task

from amazon.services import retention


@shared_task
def forget_old_calls() -> int:
    """Delete the calls, in either direction, that are older than JOURNAL_RETENTION_DAYS."""
    return retention.forget_old_calls()
