"""The e-mail that a receipt is sent as."""

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from payments.services.receipt_content import ReceiptContent


def receipt_mail(content: ReceiptContent, email: str) -> EmailMultiAlternatives:
    """As text and as HTML. Its subject names the store and nobody else."""
    store_name = " ".join(content.store.name.split())
    message = EmailMultiAlternatives(
        subject=f"Your receipt from {store_name}",
        body=render_to_string("receipts/mail.txt", content.context),
        to=[email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("receipts/mail.html", content.context), "text/html")
    return message
