"""Celery wakes these; the rows say what there is to do."""

from celery import shared_task

from core.work import drain
from payments.models import CardDetails, Charge, Refund
from payments.services.cards import fetch_card
from payments.services.collection import collect
from payments.services.refunds import send_refund


@shared_task
def collect_due() -> int:
    """Collect every charge that is due."""
    return drain(Charge, collect)


@shared_task
def send_refunds_due() -> int:
    """Send every refund that is due."""
    return drain(Refund, send_refund)


@shared_task
def fetch_cards_due() -> int:
    """Ask for every card that is due."""
    return drain(CardDetails, fetch_card)
