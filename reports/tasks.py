"""Celery wakes these."""

from celery import shared_task

from core.work import drain
from reports.models import ReportFile, ReportMail, SavedReport
from reports.services.changes import mark_what_is_under_way
from reports.services.counting_calls import count_new_calls
from reports.services.exports import forget_old_files, write_file
from reports.services.folding import fold_what_has_changed
from reports.services.saved import forget_old_mails, plan_mails, send_report


@shared_task
def fold_due() -> None:
    fold_what_has_changed()


@shared_task
def count_calls_due() -> None:
    count_new_calls()


@shared_task
def look_again() -> None:
    mark_what_is_under_way()


@shared_task
def write_files_due() -> int:
    """Write every large file that somebody has asked for."""
    return drain(ReportFile, write_file)


@shared_task
def mail_reports_due() -> int:
    """Send every saved report that is due."""
    drain(SavedReport, plan_mails)
    return drain(ReportMail, send_report)


@shared_task
def forget_files() -> int:
    """Delete the files that were asked for more than FILES_KEPT_DAYS ago."""
    return forget_old_files()


@shared_task
def forget_report_mails() -> int:
    """Delete what became of mails that were due more than three months ago."""
    return forget_old_mails()
