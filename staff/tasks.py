"""Celery wakes this."""

from celery import shared_task

from staff.services import notifications, personal_data
from staff.signing_in import sessions


@shared_task
def forget_old_looks() -> int:
    """Delete the looks at personal data that are older than JOURNAL_RETENTION_DAYS."""
    return personal_data.forget_old_looks()


@shared_task
def forget_old_notifications() -> int:
    """Delete the notifications that are older than three months."""
    return notifications.forget_old_notifications()


@shared_task
def forget_ended_sessions() -> int:
    """Delete the sessions that are over."""
    return sessions.forget_ended_sessions()
