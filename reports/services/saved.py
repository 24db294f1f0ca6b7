"""Saved reports: when they are due, whom they are sent to, and what became of that.

Each mail is built with what its recipient may see when it is sent, and handed to the mail server at most once, as those
to shoppers (payments.services.mailing).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ObjectDoesNotExist
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import QueryDict
from django.urls import reverse

from core.errors import Conflict, Invalid
from core.languages import english
from core.work import LeaseLost
from payments.clients.mail_server import NoAnswer, NotTaken
from payments.services.mailing import MOST_TRIES, NO_MAIL_SERVER, WORKER_ENDED, handed_over
from payments.states import ReceiptState
from reports.models import ReportMail, SavedReport
from reports.pages import PAGES
from reports.pages.page import Page, Report
from reports.query import stores_of
from reports.report_mail import mail_of
from reports.rights import RIGHT
from reports.schedule import last_due, next_due
from staff.models import NotificationKind, User
from staff.services.notifications import notify, who_may
from staff.services.people import visible_people

# So long the list says what became of a mail.
KEPT_DAYS = 90
# So often a mail is built that cannot be, for a reason that nobody foresaw.
_TRIES = 5
_BROKEN = "Something is wrong here; the log of the worker says what."
# Whoever may not be sent the report any more.
_NOT_STAFF = "{person} does not work here any more."
_NO_RIGHT = "{person} may not see the reports any more."
_NO_RIGHT_TO_PAGE = "{person} may not see the page “{page}”."
_NO_STORE = "{person} sees none of its stores any more."
logger = logging.getLogger(__name__)


class Unsendable(Exception):
    """Nothing is sent to this recipient, and will not be later; the text says why."""


def colleagues_of(person: User) -> QuerySet[User]:
    """Whom this person may send reports to."""
    return visible_people(person).filter(pk__in=who_may(RIGHT, None).values("pk")).order_by("username")


def page_of(key: str) -> Page | None:
    return next((page for page in PAGES if page.key == key), None)


def set_due(report: SavedReport) -> None:
    """From its schedule, by the database's clock. The caller saves."""
    report.due_at = report.next_attempt_at = next_due(*report.rhythm, now())


def now() -> datetime:
    moment: datetime = User.objects.annotate(now=Now()).values_list("now", flat=True)[:1].get()
    return moment


def plan_mails(row: SavedReport) -> None:
    """A leased report is due: a mail to each recipient for the last time at which it was, though several may have
    passed without a worker. Raises LeaseLost."""
    moment = now()
    with transaction.atomic():
        report = _locked(row)
        due_at = last_due(*report.rhythm, moment)
        if due_at is not None and report.due_at is not None and due_at >= report.due_at:
            _add_mails(report, due_at)
        report.rest()
        set_due(report)
        report.save()


def send_now(report: SavedReport) -> None:
    """To all recipients. Raises Conflict while it is being sent."""
    with transaction.atomic():
        report = SavedReport.locked(report.pk)
        if report.mails.filter(next_attempt_at__isnull=False).exists():
            raise Conflict("It is being sent already.")
        _add_mails(report, now())


def _add_mails(report: SavedReport, due_at: datetime) -> None:
    day = due_at.astimezone(ZoneInfo(report.time_zone)).date()
    ReportMail.objects.bulk_create(
        [
            ReportMail(report=report, recipient=recipient, due_at=due_at, day=day, next_attempt_at=Now())
            for recipient in report.recipients.all()
        ],
        ignore_conflicts=True,
    )


def report_for(person: User, saved: SavedReport, day: date) -> tuple[Page, Report]:
    """As this person would see it on that day: of the stores that it asks for, those that they see. Raises Unsendable,
    and Invalid where the question makes no sense (any more)."""
    page = page_of(saved.page)
    if page is None:
        raise Invalid("There is no such page any more.")
    if page.right and not person.has_perm(page.right):
        raise Unsendable(_NO_RIGHT_TO_PAGE.format(person=person, page=page.title))
    seen, asked = stores_of(person), QueryDict(saved.question, mutable=True)
    wanted = asked.getlist("store")
    if wanted:
        asked.setlist("store", sorted({store.external_id for store in seen}.intersection(wanted)))
    if not (asked.getlist("store") if wanted else seen):
        raise Unsendable(_NO_STORE.format(person=person))
    return page, page.build(page.form(person, asked, page).query(day))


def send_report(row: ReportMail) -> None:
    """Send a leased mail. Raises LeaseLost when another worker has it."""
    if row.state == ReceiptState.SENDING:
        with _held(row) as held:
            held.end_unknown(WORKER_ENDED)
            _tell(held)
        return
    try:
        with english():
            mail = _mail(row)
    except SavedReport.DoesNotExist as error:
        raise LeaseLost(f"ReportMail {row.pk}") from error
    except (Unsendable, Invalid) as error:
        _give_up(row, str(error))
        return
    except Exception:
        if row.failed_attempts + 1 < _TRIES:
            raise
        logger.exception("%s could not be built", row)
        _give_up(row, _BROKEN)
        return
    with _held(row) as held:
        held.start_sending()
        held.email = row.recipient.email
        held.next_attempt_at = Now() + timedelta(seconds=settings.WORK_LEASE_SECONDS)
    answer = handed_over(mail)
    with _held(row) as held:
        _take(held, answer)


def _give_up(row: ReportMail, why: str) -> None:
    with _held(row) as held:
        held.give_up(why)
        _tell(held)


def _mail(row: ReportMail) -> EmailMessage:
    if not settings.EMAIL_URL:
        raise Unsendable(NO_MAIL_SERVER)
    for person in (row.report.person, row.recipient):
        if not (person.is_active and person.is_staff):
            raise Unsendable(_NOT_STAFF.format(person=person))
        if not person.has_perm(RIGHT):
            raise Unsendable(_NO_RIGHT.format(person=person))
    if not row.recipient.email:
        raise Unsendable(f"No e-mail address of {row.recipient} is known.")
    page, report = report_for(row.recipient, row.report, row.day)
    return mail_of(row, page, report)


def _take(held: ReportMail, answer: NotTaken | NoAnswer | None) -> None:
    if answer is None:
        held.finish()
        held.rest()
        held.sent_at = Now()
        _note(held)
    elif isinstance(answer, NoAnswer):
        held.end_unknown(str(answer))
        _note(held)
        _tell(held)
    elif answer.is_final or held.failed_attempts + 1 >= MOST_TRIES:
        held.give_up(str(answer))
        _tell(held)
    else:
        held.put_off()
        held.retry(str(answer))


def _note(held: ReportMail) -> None:
    """For “Who did what”: what was sent away in whose name."""
    saved = held.report
    LogEntry.objects.create(
        user=saved.person,
        object_repr=str(saved),
        action_flag=CHANGE,
        change_message=f"Sent the report “{saved}” ({saved.page}) to {held.recipient}",
    )


def _tell(held: ReportMail) -> None:
    """The person whose report it is."""
    title = f"{held.report} was not sent to {held.recipient}: {held.last_error}"
    notify([held.report.person], NotificationKind.JOB, title, reverse("reports-saved"))


Row = TypeVar("Row", SavedReport, ReportMail)


def _locked(row: Row) -> Row:
    """Raises LeaseLost, also where its person has deleted the report meanwhile."""
    try:
        return type(row).locked(row.pk, lease_count=row.lease_count)
    except ObjectDoesNotExist as error:
        raise LeaseLost(f"{type(row).__name__} {row.pk}") from error


@contextmanager
def _held(row: ReportMail) -> Iterator[ReportMail]:
    """The row, locked, and saved at the end. Raises LeaseLost."""
    with transaction.atomic():
        held = _locked(row)
        yield held
        held.save()


def forget_old_mails() -> int:
    """Delete what is known of mails of more than KEPT_DAYS ago. Returns how many."""
    old = ReportMail.objects.filter(due_at__lt=Now() - timedelta(days=KEPT_DAYS), next_attempt_at__isnull=True)
    deleted, _ = old.delete()
    return deleted
