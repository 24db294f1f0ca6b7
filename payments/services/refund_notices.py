"""Telling a shopper of a refund by e-mail: once the money is given back, and only where staff asked for it."""

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from core.languages import english
from core.money import Money
from payments.models import Charge, Refund, RefundNotice
from payments.services.mailing import send_mailing
from payments.services.receipt_content import receipt_address
from stores.models import Store


def plan_notice(refund: Refund) -> None:
    """Call in the transaction that asks for the refund. It is due when the refund is done."""
    RefundNotice.objects.create(refund=refund)


def release_notice(refund: Refund) -> None:
    """Call in the transaction in which the refund became done."""
    notice = RefundNotice.objects.filter(refund=refund).first()
    if notice is not None:
        notice.due_now()
        notice.save(update_fields=["next_attempt_at"])


def send_notice(notice: RefundNotice) -> None:
    """Send a leased notice. Raises LeaseLost when another worker has it."""
    refund = Refund.objects.select_related(
        "charge__trip__store", "charge__trip__member", "charge__card", "charge__receipt"
    ).get(pk=notice.refund_id)
    content = notice_text(refund.charge, Money(refund.amount, refund.currency))
    send_mailing(notice, refund.charge, lambda email: _mail(refund.charge.trip.store, content, email))


def notice_text(charge: Charge, amount: Money) -> str:
    """What the shopper reads, whose language is not known; staff see the same before they send it."""
    context = {"charge": charge, "trip": charge.trip, "store": charge.trip.store, "amount": amount}
    context |= {"card": getattr(charge, "card", None), "address": receipt_address(getattr(charge, "receipt", None))}
    with english():
        return render_to_string("receipts/refund_mail.txt", context)


def known_address(charge: Charge) -> str:
    """The shopper's e-mail as far as it is known without asking Amazon; empty where it is not."""
    member, receipt = charge.trip.member, getattr(charge, "receipt", None)
    if member is not None and (member.email or member.anonymized_at):
        return str(member.email)
    return receipt.email if receipt is not None else ""


def _mail(store: Store, content: str, email: str) -> EmailMessage:
    store_name = " ".join(store.name.split())
    subject = f"Your refund from {store_name}"
    return EmailMessage(subject=subject, body=content, to=[email], headers={"Auto-Submitted": "auto-generated"})
