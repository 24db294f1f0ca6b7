"""Notifications by e-mail, to those who chose that: one mail with all that is new."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

from payments.clients.mail_server import NoAnswer, NotTaken, hand_over
from staff.models import Notification, NotificationMail

MOST_IN_A_MAIL = 50


def send_notifications(row: NotificationMail) -> None:
    """Raises LeaseLost when another worker has it. Without an answer of the mail server it is sent again: a second mail
    to a colleague does no harm."""
    waiting = Notification.objects.filter(user=row.user_id, awaits_mail=True).order_by("id")
    new = list(waiting.select_related("user")[:MOST_IN_A_MAIL])
    error = None
    if new and settings.EMAIL_URL:
        try:
            hand_over(_mail(new))
        except (NotTaken, NoAnswer) as failure:
            error = str(failure)
    with transaction.atomic():
        row = NotificationMail.locked(row.pk, lease_count=row.lease_count)
        if error is None:
            Notification.objects.filter(pk__in=[one.pk for one in new]).update(awaits_mail=False)
            row.rest()
            if waiting.exists():
                row.due_now()
        else:
            row.retry(error)
        row.save()


def _mail(new: list[Notification]) -> EmailMessage:
    subject = new[0].title if len(new) == 1 else f"{len(new)} notifications"
    body = render_to_string("staff/notification_mail.txt", {"notifications": new, "base_url": settings.BASE_URL})
    return EmailMessage(" ".join(subject.split()), body, to=[new[0].user.email])
