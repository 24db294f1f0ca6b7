"""Celery wakes this; the rows say what there is to do."""

from celery import shared_task

from core.work import drain
from orders.models import Trip
from orders.services.pricing import price_trip


@shared_task
def price_due() -> int:
    """Price every trip that is due."""
    return drain(Trip, lambda trip: price_trip(trip.pk, trip.lease_count))
