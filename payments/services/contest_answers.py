"""Telling a shopper what became of their contest: by e-mail where their address is known, else staff copy the text."""

from django.core.mail import EmailMessage
from django.db.models.functions import Now
from django.template.loader import render_to_string

from payments.models import Charge, ContestAnswer, ContestedCart
from payments.services.mailing import send_mailing


def plan_answer(contest: ContestedCart, text: str) -> None:
    """Call in the transaction that decides."""
    ContestAnswer.objects.create(contest=contest, text=text, next_attempt_at=Now())


def send_answer(answer: ContestAnswer) -> None:
    """Send a leased answer. Raises LeaseLost when another worker has it."""
    contest = ContestedCart.objects.select_related(
        "trip__store", "trip__member", "trip__charge__trip__store", "trip__charge__trip__member"
    ).get(pk=answer.contest_id)
    # A trip in review has no charge; whose it is may be known all the same.
    charge = getattr(contest.trip, "charge", None) or Charge(trip=contest.trip)
    send_mailing(answer, charge, lambda email: _mail(contest, answer.text, email))


def _mail(contest: ContestedCart, text: str, email: str) -> EmailMessage:
    store_name = " ".join(contest.trip.store.name.split())
    body = render_to_string(
        "receipts/contest_mail.txt", {"trip": contest.trip, "store": contest.trip.store, "text": text}
    )
    return EmailMessage(
        subject=f"Your visit to {store_name}", body=body, to=[email], headers={"Auto-Submitted": "auto-generated"}
    )
