"""The receipt of a trip: planned when its money is taken, then mailed once.

A mail cannot be taken back and no mail server knows a key that would make two of them one. So `sending` is committed
before the mail is handed over, and where no answer is recorded nobody sends it again but a person.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models.functions import Now

from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown
from core.errors import Conflict
from loyalty.models import Member
from payments.clients.mail_server import NoAnswer, NotTaken, hand_over
from payments.models import Charge, Receipt
from payments.services.receipt_address import find_address
from payments.services.receipt_content import ReceiptContent, load_receipt
from payments.services.receipt_mail import receipt_mail
from payments.states import ReceiptState
from stores.models import PaymentFlow

# A receipt should name the card. It goes without when Amazon has not told us of it so long after the capture.
CARD_PATIENCE = timedelta(minutes=5)
CARD_POLL_SECONDS = 3.0
# With the back-off's cap of two minutes: about a day.
MOST_TRIES = 720

NO_MAIL_SERVER = "No mail server is set: EMAIL_URL is empty."
WORKER_ENDED = "A worker ended before it recorded whether the mail server took the mail."


def plan_receipt(charge: Charge) -> None:
    """Call in the transaction that takes the money. Amazon gives the receipt of what its checkout service collects."""
    if charge.captured and charge.trip.store.sends_receipts and charge.flow != PaymentFlow.CHECKOUT_SERVICE:
        Receipt.objects.bulk_create([Receipt(charge=charge, next_attempt_at=Now())], ignore_conflicts=True)


def send_receipt(receipt: Receipt) -> None:
    """Send a leased receipt. Raises LeaseLost when another worker has it."""
    pk, lease_count = receipt.pk, receipt.lease_count
    content = load_receipt(pk=pk)
    if content.receipt.state == ReceiptState.SENDING:
        with _held(pk, lease_count) as receipt:
            _lose_sight(receipt, WORKER_ENDED)
    elif not settings.EMAIL_URL:
        with _held(pk, lease_count) as receipt:
            _give_up(receipt, NO_MAIL_SERVER)
    elif _card_is_being_asked_for(content):
        with _held(pk, lease_count) as receipt:
            receipt.wait(CARD_POLL_SECONDS)
    else:
        _send(content, lease_count)


def resend_receipt(receipt: Receipt, *, leases_seen: int) -> None:
    """Staff have it sent again, to the address that is known then. Raises Conflict when it cannot be now.

    `leases_seen` is the row's lease_count as the person saw it: a second click finds another one.
    """
    with transaction.atomic():
        receipt = Receipt.locked(receipt.pk)
        if obstacle := resend_obstacle(receipt):
            raise Conflict(obstacle)
        if receipt.lease_count != leases_seen:
            raise Conflict("It was sent meanwhile. Look again.")
        receipt.send_again()
        receipt.rest()
        receipt.due_now()
        receipt.save()


def resend_obstacle(receipt: Receipt) -> str:
    """Why it cannot be sent again now; empty if it can."""
    match receipt.state:
        case ReceiptState.WAITING:
            return "It is waiting to be sent already."
        case ReceiptState.SENDING:
            return "It is being handed to the mail server right now."
        case _:
            return "" if settings.EMAIL_URL else NO_MAIL_SERVER


def _send(content: ReceiptContent, lease_count: int) -> None:
    pk = content.receipt.pk
    try:
        email = find_address(content.charge)
    except AmazonError as error:
        is_final = not isinstance(error, NotSent | OutcomeUnknown)
        with _held(pk, lease_count) as receipt:
            _try_later(receipt, str(error), is_final=is_final, after=getattr(error, "retry_after", None))
        return
    mail = receipt_mail(content, email)
    if _begin(content, lease_count, email):
        answer = _hand_over(mail)
        with _held(pk, lease_count) as receipt:
            _take(receipt, answer)


def _begin(content: ReceiptContent, lease_count: int, email: str) -> bool:
    """Commit the intent, with a whole lease to act on it; False when there is nobody to send it to."""
    member = content.trip.member
    with transaction.atomic():
        if member:
            # The member first, as erasing does: whoever comes second sees what the first one did.
            member = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
        receipt = Receipt.locked(content.receipt.pk, lease_count=lease_count)
        has_address = bool(email) and not (member and member.anonymized_at)
        if has_address:
            receipt.start_sending()
            receipt.email = email
            receipt.next_attempt_at = Now() + timedelta(seconds=settings.WORK_LEASE_SECONDS)
        else:
            receipt.lack_address()
            receipt.rest()
        receipt.save()
    return has_address


def _card_is_being_asked_for(content: ReceiptContent) -> bool:
    card, captured_at = content.card, content.charge.captured_at
    if card is None or card.next_attempt_at is None or captured_at is None:
        return False
    return datetime.now(UTC) < captured_at + CARD_PATIENCE


def _hand_over(mail: EmailMessage) -> NotTaken | NoAnswer | None:
    try:
        hand_over(mail)
    except (NotTaken, NoAnswer) as error:
        return error
    return None


def _take(receipt: Receipt, answer: NotTaken | NoAnswer | None) -> None:
    if answer is None:
        receipt.finish()
        receipt.rest()
        receipt.sent_at = Now()
    elif isinstance(answer, NoAnswer):
        _lose_sight(receipt, str(answer))
    else:
        _try_later(receipt, str(answer), is_final=answer.is_final)


def _try_later(receipt: Receipt, error: str, *, is_final: bool, after: float | None = None) -> None:
    """Unless that is of no use, or was done often enough."""
    if is_final or receipt.failed_attempts + 1 >= MOST_TRIES:
        _give_up(receipt, error)
        return
    if receipt.state == ReceiptState.SENDING:
        receipt.put_off()
    receipt.retry(error, after=after)


def _lose_sight(receipt: Receipt, error: str) -> None:
    receipt.lose_sight()
    receipt.rest()
    receipt.last_error = error


def _give_up(receipt: Receipt, error: str) -> None:
    receipt.fail()
    receipt.rest()
    receipt.last_error = error


@contextmanager
def _held(pk: int, lease_count: int) -> Iterator[Receipt]:
    """The row, locked, and saved at the end. Raises LeaseLost."""
    with transaction.atomic():
        receipt = Receipt.locked(pk, lease_count=lease_count)
        yield receipt
        receipt.save()
