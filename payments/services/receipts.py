"""The receipt of a trip: planned when its money is taken, then mailed once (payments.services.mailing)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from core import writes
from core.errands import Call, Errand, using_the_database
from core.errors import Conflict
from core.languages import in_english
from orders.models import TripEvent
from payments.models import Charge, Receipt
from payments.services.mailing import NO_MAIL_SERVER, WORKER_ENDED, send_mailing
from payments.services.receipt_content import load_receipt
from payments.services.receipt_mail import receipt_mail
from payments.states import ReceiptState
from stores.models import PaymentFlow

# A receipt should name the card. It goes without when Amazon has not told us of it so long after the capture.
CARD_PATIENCE = timedelta(minutes=5)
CARD_POLL_SECONDS = 3.0


def plan_receipt(charge: Charge) -> None:
    """Call in the transaction that takes the money. Amazon gives the receipt of what its checkout service collects."""
    if charge.captured and charge.trip.store.sends_receipts and charge.flow != PaymentFlow.CHECKOUT_SERVICE:
        writes.insert(Receipt(charge=charge, next_attempt_at=Now()), unless=("charge",))


class Sending(Errand[Receipt]):
    """The errand of a receipt: a mail, whose intent and outcome the call commits itself."""

    model = Receipt

    def lock(self, leases: Mapping[int, int]) -> dict[int, Receipt]:
        return Receipt.all_locked(leases, "charge__card", "charge__trip")

    def begin(self, receipt: Receipt) -> Call | None:
        if receipt.state == ReceiptState.SENDING:
            receipt.end_unknown(WORKER_ENDED)
        elif not settings.EMAIL_URL:
            receipt.give_up(NO_MAIL_SERVER)
        elif _card_is_being_asked_for(receipt.charge):
            receipt.wait(CARD_POLL_SECONDS)
        else:
            return partial(send_receipt, receipt.pk, receipt.lease_count)
        return None

    def finish(self, receipt: Receipt, answer: None) -> bool:
        return False

    @property
    def most_at_once(self) -> int:
        """A mail server is slow, and whoever collects needs threads to call from."""
        return int(settings.WORK_CONCURRENCY)


def resend_receipt(receipt: Receipt, *, leases_seen: int, actor: str) -> None:
    """Staff have it sent again, to the address that is known then. Raises Conflict when it cannot be now.

    `leases_seen` is the row's lease_count as the person saw it: a second click finds another one.
    """
    with transaction.atomic():
        receipt = Receipt.locked(receipt.pk)
        if obstacle := resend_obstacle(receipt):
            raise Conflict(obstacle)
        if receipt.lease_count != leases_seen:
            raise Conflict(_("It was sent meanwhile. Look again."))
        sent = f", at {receipt.sent_at:%Y-%m-%d %H:%M} UTC" if receipt.sent_at else ""
        was = f"It was {in_english(ReceiptState(receipt.state).label)} before{sent}."
        receipt.send_again()
        receipt.rest()
        receipt.due_now()
        receipt.save()
        kind = TripEvent.Kind.RECEIPT_ASKED
        TripEvent.objects.create(trip_id=receipt.charge.trip_id, actor=actor, kind=kind, detail=was)


def resend_obstacle(receipt: Receipt) -> str:
    """Why it cannot be sent again now; empty if it can."""
    match receipt.state:
        case ReceiptState.WAITING:
            return _("It is waiting to be sent already.")
        case ReceiptState.SENDING:
            return _("It is being handed to the mail server right now.")
        case _:
            return "" if settings.EMAIL_URL else _(NO_MAIL_SERVER)


def send_receipt(pk: int, lease_count: int) -> None:
    """Send a leased receipt. Raises LeaseLost when another worker has it."""
    with using_the_database():
        content = load_receipt(pk=pk)
        content.receipt.lease_count = lease_count
        send_mailing(content.receipt, content.charge, partial(receipt_mail, content))


def _card_is_being_asked_for(charge: Charge) -> bool:
    card, captured_at = getattr(charge, "card", None), charge.captured_at
    if card is None or card.next_attempt_at is None or captured_at is None:
        return False
    return datetime.now(UTC) < captured_at + CARD_PATIENCE
