"""Celery wakes these; the rows say what there is to do."""

from celery import shared_task
from django.db import transaction

from core.errands import run_errands
from core.work import drain
from payments.models import BulkItem, ContestAnswer, RefundNotice
from payments.services import deadlines, telling
from payments.services.bulk import jobs
from payments.services.cards import Fetching
from payments.services.collection import Collecting
from payments.services.contest_answers import send_answer
from payments.services.feedback import Reporting
from payments.services.notification_mail import send_notifications
from payments.services.receipts import Sending
from payments.services.refund_notices import send_notice
from payments.services.refunds import Refunding
from staff.models import NotificationMail


@shared_task
def collect_due() -> int:
    """Collect every charge that is due."""
    return run_errands(Collecting())


@shared_task
def send_refunds_due() -> int:
    """Send every refund that is due."""
    return run_errands(Refunding())


@shared_task
def fetch_cards_due() -> int:
    """Ask for every card that is due."""
    return run_errands(Fetching())


@shared_task
def send_receipts_due() -> int:
    """Mail every receipt that is due."""
    return run_errands(Sending())


@shared_task
def send_refund_notices_due() -> int:
    """Tell every shopper of a refund whose e-mail is due."""
    return drain(RefundNotice, send_notice)


@shared_task
def report_payments_due() -> int:
    """Tell Amazon of every payment status that is due."""
    return run_errands(Reporting())


@shared_task
def send_contest_answers_due() -> int:
    """Tell every shopper who contested a cart what became of it, where the e-mail is due."""
    return drain(ContestAnswer, send_answer)


@shared_task
def bulk_due() -> int:
    """Work on every trip of a bulk job that is due, and end the jobs that have none left."""
    done = drain(BulkItem, jobs.work_on)
    with transaction.atomic():
        telling.tell_of_done_jobs(jobs.finish_jobs())
    return done


@shared_task
def tell_people() -> int:
    """Tell staff what needs a person now."""
    return telling.tell_people() + telling.tell_of_stuck_work()


@shared_task
def mail_notifications_due() -> int:
    """Mail every person's notifications that are due."""
    return drain(NotificationMail, send_notifications)


@shared_task
def warn_of_deadlines() -> int:
    """Warn of every uncollected trip that has come near its deadline."""
    return deadlines.warn_of_deadlines()
