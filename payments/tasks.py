"""Celery wakes these; the rows say what there is to do."""

from celery import shared_task

from core.errands import run_errands
from core.work import drain
from payments.models import CardDetails, Charge, FeedbackReport, Receipt, Refund
from payments.services import deadlines
from payments.services.cards import fetch_card
from payments.services.collection import Collecting
from payments.services.feedback import send_report
from payments.services.receipts import send_receipt
from payments.services.refunds import send_refund


@shared_task
def collect_due() -> int:
    """Collect every charge that is due."""
    return run_errands(Charge, Collecting())


@shared_task
def send_refunds_due() -> int:
    """Send every refund that is due."""
    return drain(Refund, send_refund)


@shared_task
def fetch_cards_due() -> int:
    """Ask for every card that is due."""
    return drain(CardDetails, fetch_card)


@shared_task
def send_receipts_due() -> int:
    """Mail every receipt that is due."""
    return drain(Receipt, send_receipt)


@shared_task
def report_payments_due() -> int:
    """Tell Amazon of every payment status that is due."""
    return drain(FeedbackReport, send_report)


@shared_task
def warn_of_deadlines() -> int:
    """Warn of every uncollected trip that has come near its deadline."""
    return deadlines.warn_of_deadlines()
