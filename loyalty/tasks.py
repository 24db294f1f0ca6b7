"""Celery wakes this."""

from celery import shared_task

from loyalty.services import scan_keys


@shared_task
def forget_old_scan_keys() -> int:
    """Delete the scan keys that no gate can ask about any more."""
    return scan_keys.forget_old()
