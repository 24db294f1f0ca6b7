"""Celery: wakes workers and sweeps for what a lost message left behind. What there is to do stands in rows."""

import os
from typing import Any

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jwo_backoffice.settings")

from django.conf import settings

WORK = [
    "orders.tasks.price_due",
    "payments.tasks.collect_due",
    "payments.tasks.send_refunds_due",
    "payments.tasks.fetch_cards_due",
    "payments.tasks.send_receipts_due",
    "payments.tasks.send_refund_notices_due",
    "payments.tasks.send_contest_answers_due",
    "payments.tasks.report_payments_due",
    "payments.tasks.bulk_due",
    "payments.tasks.mail_notifications_due",
    "reports.tasks.fold_due",
    "reports.tasks.write_files_due",
    "reports.tasks.mail_reports_due",
    "reports.tasks.count_calls_due",
]
TICK_SECONDS = 1.0

# What is looked after by the clock.
WATCHES = [
    "payments.tasks.warn_of_deadlines",
    "payments.tasks.tell_people",
    "core.tasks.note_heartbeat",
    "reports.tasks.look_again",
]
WATCH_SECONDS = 60.0

# What is forgotten in time. A run that fails is made up for by the next.
HOUSEKEEPING = [
    "amazon.tasks.forget_old_calls",
    "loyalty.tasks.forget_old_scan_keys",
    "staff.tasks.forget_old_looks",
    "staff.tasks.forget_old_notifications",
    "staff.tasks.forget_ended_sessions",
    "reports.tasks.forget_files",
    "reports.tasks.forget_report_mails",
]
HOUSEKEEPING_SECONDS = 3600.0


def _broker_options() -> dict[str, Any]:
    if not settings.CELERY_BROKER_URL.startswith("filesystem:"):
        return {}
    folder = settings.CELERY_BROKER_DIR
    folder.mkdir(parents=True, exist_ok=True)
    return {"data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(folder / "control")}


TRANSPORT_ALIASES["filesystem"] = "core.filesystem_broker:Transport"

app = Celery("jwo_backoffice")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_transport_options=_broker_options(),
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
    worker_hijack_root_logger=False,
    timezone="UTC",
    beat_schedule_filename=str(settings.VAR_DIR / "beat-schedule"),
    # A tick that nobody took within a tick is worthless: the next one finds the same rows.
    beat_schedule={
        task: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
        for tasks, seconds in ((WORK, TICK_SECONDS), (WATCHES, WATCH_SECONDS), (HOUSEKEEPING, HOUSEKEEPING_SECONDS))
        for task in tasks
    },
)
app.autodiscover_tasks()
