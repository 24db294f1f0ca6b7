"""Handing an e-mail to the mail server at most once.

A mail cannot be taken back and no mail server knows a key that would make two of them one. So `sending` is committed
before the mail is handed over, and where no answer is recorded nobody sends it again but a person.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown
from loyalty.models import Member
from payments.clients.mail_server import NoAnswer, NotTaken, hand_over
from payments.models import Charge
from payments.models.mailings import Mailing
from payments.services.receipt_address import find_address
from payments.states import ReceiptState

# With the back-off's cap of two minutes: about a day.
MOST_TRIES = 720

NO_MAIL_SERVER = gettext_noop("No mail server is set: EMAIL_URL is empty.")  # written down, so in English
WORKER_ENDED = "A worker ended before it recorded whether the mail server took the mail."

Row = TypeVar("Row", bound=Mailing)


def send_mailing(row: Mailing, charge: Charge, mail_to: Callable[[str], EmailMessage]) -> None:
    """Send a leased mailing to the shopper of the charge. Raises LeaseLost when another worker has it."""
    model, pk, lease_count = type(row), row.pk, row.lease_count
    if row.state == ReceiptState.SENDING:
        with _held(model, pk, lease_count) as row:
            row.end_unknown(WORKER_ENDED)
        return
    if not settings.EMAIL_URL:
        with _held(model, pk, lease_count) as row:
            row.give_up(NO_MAIL_SERVER)
        return
    try:
        email = find_address(charge)
    except AmazonError as error:
        is_final = not isinstance(error, NotSent | OutcomeUnknown)
        with _held(model, pk, lease_count) as row:
            _try_later(row, str(error), is_final=is_final, after=getattr(error, "retry_after", None))
        return
    mail = mail_to(email)
    if _begin(model, pk, lease_count, charge, email):
        answer = handed_over(mail)
        with _held(model, pk, lease_count) as row:
            _take(row, answer)


def _begin(model: type[Row], pk: int, lease_count: int, charge: Charge, email: str) -> bool:
    """Commit the intent, with a whole lease to act on it; False when there is nobody to send it to."""
    member = charge.trip.member
    with transaction.atomic():
        if member:
            # The member first, as erasing does: whoever comes second sees what the first one did.
            member = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
        row = model.locked(pk, lease_count=lease_count)
        has_address = bool(email) and not (member and member.anonymized_at)
        if has_address:
            row.start_sending()
            row.email = email
            row.next_attempt_at = Now() + timedelta(seconds=settings.WORK_LEASE_SECONDS)
        else:
            row.lack_address()
            row.rest()
        row.save()
    return has_address


def handed_over(mail: EmailMessage) -> NotTaken | NoAnswer | None:
    """What the mail server has to say against it, if anything."""
    try:
        hand_over(mail)
    except (NotTaken, NoAnswer) as error:
        return error
    return None


def _take(row: Mailing, answer: NotTaken | NoAnswer | None) -> None:
    if answer is None:
        row.finish()
        row.rest()
        row.sent_at = Now()
    elif isinstance(answer, NoAnswer):
        row.end_unknown(str(answer))
    else:
        _try_later(row, str(answer), is_final=answer.is_final)


def _try_later(row: Mailing, error: str, *, is_final: bool, after: float | None = None) -> None:
    """Unless that is of no use, or was done often enough."""
    if is_final or row.failed_attempts + 1 >= MOST_TRIES:
        row.give_up(error)
        return
    if row.state == ReceiptState.SENDING:
        row.put_off()
    row.retry(error, after=after)


@contextmanager
def _held(model: type[Row], pk: int, lease_count: int) -> Iterator[Row]:
    """The row, locked, and saved at the end. Raises LeaseLost."""
    with transaction.atomic():
        row = model.locked(pk, lease_count=lease_count)
        yield row
        row.save()
