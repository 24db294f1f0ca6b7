"""What must not happen to a receipt: that a killed worker's is sent twice, or that one goes to somebody just erased."""

import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from loyalty.models import Member
from loyalty.services.erasure import anonymize_member
from payments.models import Receipt
from payments.tasks import send_receipts_due
from payments.tests.admin_rows import a_receipt, paid_trip
from payments.tests.mail_server import MailServer, running_mail_server
from payments.tests.trips import make_due
from tests.races.processes import Process, database_url, wait_until

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

SEND = "from payments.tasks import send_receipts_due; send_receipts_due()"


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    with running_mail_server() as server:
        settings.EMAIL_URL = f"smtp://127.0.0.1:{server.port}"
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def receipt_of_a_killed_worker(mail_server: MailServer, folder: Path) -> Receipt:
    """The mail server has the mail, and the worker ends before the server has said so."""
    member = Member.objects.create(external_id="ann", email="ann@example.com")
    receipt = a_receipt(paid_trip(member=member), next_attempt_at=Now())
    mail_server.may_answer.clear()
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", SEND]
    address = f"smtp://127.0.0.1:{mail_server.port}"
    with Process(command, folder / "worker.log", DATABASE_URL=database_url(), EMAIL_URL=address) as worker:
        wait_until(mail_server.has_mail.is_set, worker, seconds=60)
        worker.kill()
    mail_server.may_answer.set()
    receipt.refresh_from_db()
    return receipt


def after_the_lease(receipt: Receipt) -> Receipt:
    """Another worker has found the row."""
    make_due(Receipt, receipt.pk)
    send_receipts_due()
    receipt.refresh_from_db()
    return receipt


def test_a_killed_worker_leaves_a_receipt_that_is_perhaps_sent(mail_server: MailServer, tmp_path: Path) -> None:
    receipt = receipt_of_a_killed_worker(mail_server, tmp_path)
    assert receipt.state == "sending"

    receipt = after_the_lease(receipt)

    assert (receipt.state, receipt.next_attempt_at, len(mail_server.mails)) == ("unknown", None, 1)


def test_without_the_committed_intent_the_shopper_gets_it_twice(mail_server: MailServer, tmp_path: Path) -> None:
    """Negative control of the test above: the row as it would stand had `sending` not been committed."""
    receipt = receipt_of_a_killed_worker(mail_server, tmp_path)
    Receipt.objects.update(state="waiting")

    assert (after_the_lease(receipt).state, len(mail_server.mails)) == ("sent", 2)


def send_while_the_member_is_erased(mail_server: MailServer) -> Receipt:
    """The worker reads the address before the erasure is committed, and sends after that or, without a lock, before."""
    member = Member.objects.create(external_id="ann", email="ann@example.com")
    receipt = a_receipt(paid_trip(member=member), next_attempt_at=Now())
    is_erased, is_over = Event(), Event()

    def erase() -> None:
        with transaction.atomic():
            anonymize_member(member)
            is_erased.set()
            wait_until(lambda: somebody_waits_for_a_lock() or is_over.is_set(), seconds=30)
        connection.close()

    eraser = Thread(target=erase)
    eraser.start()
    assert is_erased.wait(30)
    send_receipts_due()
    is_over.set()
    eraser.join()
    receipt.refresh_from_db()
    return receipt


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def test_nobody_writes_to_a_member_who_is_being_erased(mail_server: MailServer) -> None:
    receipt = send_while_the_member_is_erased(mail_server)

    assert (receipt.state, receipt.email, mail_server.mails) == ("no_address", "", [])


def test_without_a_lock_they_would_get_the_mail(mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control of the test above."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)

    receipt = send_while_the_member_is_erased(mail_server)

    assert (receipt.state, receipt.email, len(mail_server.mails)) == ("sent", "ann@example.com", 1)
