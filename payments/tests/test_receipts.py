"""Receipts by e-mail, against a real mail server and, where Amazon knows the address, the sandbox."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from amazon.models import OutboundCall
from core.errors import Conflict
from core.work import LeaseLost
from loyalty.models import Member
from loyalty.services.erasure import anonymize_member
from orders.models import Trip
from payments.models import CardDetails, Charge, Receipt
from payments.services.mailing import MOST_TRIES
from payments.services.receipts import plan_receipt, resend_receipt, send_receipt
from payments.tasks import fetch_cards_due, send_receipts_due
from payments.tests.admin_rows import a_line, a_receipt, a_store, paid_trip
from payments.tests.mail_server import HANGS_UP, SMTP_BACKEND, Killed, MailServer
from payments.tests.trips import a_store as a_selling_store
from payments.tests.trips import captured_trip, make_due, staged_trip
from payments.tests.trips import collected as collect
from sandbox.testing import SandboxProcess
from stores.models import PaymentFlow

pytestmark = pytest.mark.django_db


def a_member(**fields: Any) -> Member:
    return Member.objects.create(**({"external_id": "ann", "name": "Ann", "email": "ann@example.com"} | fields))


def due_receipt(trip: Trip | None = None) -> Receipt:
    return a_receipt(trip or paid_trip(member=a_member()), next_attempt_at=Now())


def sent(receipt: Receipt) -> Receipt:
    """After a worker has dealt with it, whether or not its time had come."""
    make_due(Receipt, receipt.pk)
    send_receipts_due()
    return Receipt.objects.get(pk=receipt.pk)


def resend(receipt: Receipt) -> None:
    resend_receipt(receipt, leases_seen=receipt.lease_count, actor="manager")


def amazon_was_asked() -> bool:
    return OutboundCall.objects.filter(operation="shopper-identity").exists()


# --- Who gets one ----------------------------------------------------------------------------------------------


def test_a_trip_whose_money_is_taken_gets_a_receipt_that_names_the_card(
    sandbox: SandboxProcess, mail_server: MailServer
) -> None:
    sandbox.register_shopper("kiosk-1", "kiosk@example.com")
    trip = captured_trip(sandbox, shopper="kiosk-1")
    fetch_cards_due()

    receipt = sent(trip.charge.receipt)

    [mail] = mail_server.mails
    card = CardDetails.objects.get(charge=trip.charge)
    assert (receipt.state, receipt.email, mail["To"]) == ("sent", "kiosk@example.com", "kiosk@example.com")
    assert receipt.sent_at is not None
    assert f"{card.brand} ending in {card.last_four}" in text_of(mail)
    assert "kiosk@example.com" not in OutboundCall.objects.get(operation="shopper-identity").answer


@pytest.mark.parametrize(
    ("store", "options"),
    [
        ({"sends_receipts": False, "external_id": "TEST-SILENT"}, {}),
        ({"external_id": "TEST-CARD"}, {"preauthorized": "0.00"}),
    ],
)
def test_no_receipt_where_the_store_gives_none_or_nothing_was_taken(
    sandbox: SandboxProcess, store: dict[str, Any], options: dict[str, str]
) -> None:
    trip = staged_trip(sandbox, ("0.00", "1") if options else ("10.00", "1"), store=a_selling_store(**store), **options)

    collect(trip)

    assert not Receipt.objects.exists()


def test_amazon_gives_the_receipt_of_what_its_checkout_service_collects(sandbox: SandboxProcess) -> None:
    trip = staged_trip(sandbox, ("10.00", "1"))
    Charge.objects.filter(trip=trip).update(flow=PaymentFlow.CHECKOUT_SERVICE)
    charge = Charge.objects.get(trip=trip)
    charge.captured = charge.amount

    plan_receipt(charge)

    assert not Receipt.objects.exists()


# --- Where to --------------------------------------------------------------------------------------------------


def test_a_members_address_comes_first_and_amazon_is_not_asked(mail_server: MailServer) -> None:
    receipt = sent(due_receipt(paid_trip(member=a_member(), shopper_id="kiosk-2")))

    assert receipt.email == "ann@example.com"
    assert not amazon_was_asked()


def test_a_member_without_an_address_may_have_left_one_at_the_kiosk(
    sandbox: SandboxProcess, mail_server: MailServer
) -> None:
    sandbox.register_shopper("kiosk-3", "left@example.com")

    receipt = sent(due_receipt(paid_trip(member=a_member(email=""), shopper_id="kiosk-3")))

    assert receipt.email == "left@example.com"


@pytest.mark.parametrize(("entry", "shopper"), [("CARD", "nobody"), ("CARD", ""), ("APP", "somebody")])
def test_without_an_address_only_the_page_stands(
    sandbox: SandboxProcess, mail_server: MailServer, entry: str, shopper: str
) -> None:
    sandbox.register_shopper("somebody", "somebody@example.com")

    receipt = sent(due_receipt(paid_trip(entry=entry, shopper_id=shopper)))

    assert (receipt.state, receipt.next_attempt_at, mail_server.mails) == ("no_address", None, [])


def test_nobody_writes_to_a_member_whose_data_were_erased(sandbox: SandboxProcess, mail_server: MailServer) -> None:
    sandbox.register_shopper("kiosk-4", "left@example.com")
    member = a_member()
    receipt = due_receipt(paid_trip(member=member, shopper_id="kiosk-4"))
    anonymize_member(member)

    assert sent(receipt).state == "no_address"
    assert (mail_server.mails, amazon_was_asked()) == ([], False)


def test_erasing_a_member_forgets_where_their_receipts_went(mail_server: MailServer) -> None:
    member = a_member()
    receipt = sent(due_receipt(paid_trip(member=member)))
    other = sent(due_receipt(paid_trip(member=a_member(external_id="bob", email="bob@example.com"))))

    anonymize_member(member)

    assert Receipt.objects.get(pk=receipt.pk).email == ""
    assert Receipt.objects.get(pk=other.pk).email == "bob@example.com"


def test_while_amazon_does_not_answer_the_receipt_waits(sandbox: SandboxProcess, mail_server: MailServer) -> None:
    sandbox.register_shopper("kiosk-5", "left@example.com")
    sandbox.fault("status", status=503, operation="shopper-identity", times=1)
    receipt = sent(due_receipt(paid_trip(shopper_id="kiosk-5")))
    assert (receipt.state, receipt.failed_attempts) == ("waiting", 1)
    assert "503" in receipt.last_error

    assert sent(receipt).state == "sent"


def test_what_amazon_refuses_is_not_asked_again(mail_server: MailServer) -> None:
    receipt = sent(due_receipt(paid_trip(shopper_id="none of Amazon's")))

    assert (receipt.state, receipt.next_attempt_at) == ("failed", None)
    assert "the shopper's id" in receipt.last_error


# --- When ------------------------------------------------------------------------------------------------------


def asked_for_card(captured: timedelta) -> Receipt:
    """Of a trip whose card Amazon has not told yet."""
    receipt = due_receipt()
    CardDetails.objects.update(brand="", last_four="", next_attempt_at=Now())
    Charge.objects.update(captured_at=datetime.now(UTC) - captured)
    return receipt


def test_a_receipt_waits_until_the_card_is_known(mail_server: MailServer) -> None:
    receipt = sent(asked_for_card(captured=timedelta(minutes=1)))
    assert (receipt.state, receipt.failed_attempts, mail_server.mails) == ("waiting", 0, [])
    assert receipt.next_attempt_at is not None

    CardDetails.objects.update(brand="VISA", last_four="4242", next_attempt_at=None)

    assert sent(receipt).state == "sent"
    assert "Paid by VISA ending in 4242" in text_of(mail_server.mails[0])


def test_it_goes_without_the_card_when_that_takes_too_long(mail_server: MailServer) -> None:
    assert sent(asked_for_card(captured=timedelta(minutes=6))).state == "sent"

    assert "Paid: $6.88" in text_of(mail_server.mails[0])


# --- What it says ----------------------------------------------------------------------------------------------


def text_of(mail: Any) -> str:
    text: str = mail.get_body(("plain",)).get_content()
    return text


def test_the_mail_says_the_same_as_text_and_as_html(mail_server: MailServer, settings: Any) -> None:
    settings.BASE_URL, settings.DEFAULT_FROM_EMAIL = "https://shop.example/", "Shop <receipts@shop.example>"
    store = a_store("Corner shop", receipt_header="1 Main Street\nTax number 12-345")
    trip = paid_trip("12.00", captured="10.00", member=a_member(), store=store)
    a_line(trip, "PEAR & FIG", quantity="0.5", total="5.12", unit="lb")
    receipt = sent(due_receipt(trip))

    [mail] = mail_server.mails
    text, page = text_of(mail), mail.get_body(("html",)).get_content()
    address = f"https://shop.example/receipts/{receipt.token}/"
    assert (mail["From"], mail["Auto-Submitted"]) == ("Shop <receipts@shop.example>", "auto-generated")
    for said in ("Tax number 12-345", "Total: $12.00", "Not paid yet: $2.00", "Pear & fig, 0.5 lb at $10.24: $5.12"):
        assert said in text
    for said in ("Tax number 12-345", "$12.00", "Not paid yet", "Pear &amp; fig", trip.amazon_trip_id):
        assert said in page
    assert address in text
    assert address in page


def test_the_subject_names_the_store_and_nobody_else(mail_server: MailServer) -> None:
    store = a_store("Corner shop")
    type(store).objects.filter(pk=store.pk).update(name="Corner\r\nBcc: everybody@example.com")

    sent(due_receipt(paid_trip(store=store, member=a_member())))

    [mail] = mail_server.mails
    assert mail["Subject"] == "Your receipt from Corner Bcc: everybody@example.com"
    assert mail["Bcc"] is None


def test_without_an_address_of_this_server_the_mail_has_no_link(mail_server: MailServer) -> None:
    sent(due_receipt())

    assert "/receipts/" not in mail_server.mails[0].as_string()


# --- Once ------------------------------------------------------------------------------------------------------


def test_a_receipt_is_sent_once(mail_server: MailServer) -> None:
    receipt = sent(sent(due_receipt()))

    assert (receipt.state, receipt.next_attempt_at, len(mail_server.mails)) == ("sent", None, 1)


@pytest.mark.parametrize("answers", [{"RCPT": "451 try later, ann@example.com"}, {"DATA": "452 disk full"}])
def test_a_server_that_says_not_now_gets_it_later(mail_server: MailServer, answers: dict[str, str]) -> None:
    mail_server.answers.update(answers)
    receipt = sent(due_receipt())
    assert (receipt.state, receipt.failed_attempts, mail_server.mails) == ("waiting", 1, [])
    assert receipt.last_error.startswith("The mail server answered 45")
    assert "ann@" not in receipt.last_error

    mail_server.answers.clear()

    assert (sent(receipt).state, len(mail_server.mails)) == ("sent", 1)


@pytest.mark.parametrize("answers", [{"RCPT": "550 <ann@example.com>: nobody here"}, {"DATA": "554 looks like spam"}])
def test_a_server_that_says_never_is_believed(mail_server: MailServer, answers: dict[str, str]) -> None:
    mail_server.answers.update(answers)

    receipt = sent(due_receipt())

    assert (receipt.state, receipt.next_attempt_at) == ("failed", None)
    assert receipt.last_error.startswith("The mail server answered 55")
    assert "ann@" not in receipt.last_error


@pytest.mark.parametrize("sender", ["Shop\nBcc: all@example.com <shop@example.com>", "shop@"])
def test_a_mail_that_cannot_be_written_was_surely_not_sent(mail_server: MailServer, settings: Any, sender: str) -> None:
    settings.DEFAULT_FROM_EMAIL = sender

    receipt = sent(due_receipt())

    assert receipt.state == "failed"
    assert receipt.last_error.startswith("The mail could not be written")
    assert "@example.com" not in receipt.last_error
    assert not mail_server.mails


def test_a_server_that_is_away_is_tried_again_but_not_for_ever(mail_server: MailServer, settings: Any) -> None:
    settings.EMAIL_PORT = 9
    receipt = sent(due_receipt())
    assert (receipt.state, receipt.failed_attempts) == ("waiting", 1)
    assert "could not be reached" in receipt.last_error

    Receipt.objects.update(failed_attempts=MOST_TRIES - 1)

    receipt = sent(receipt)
    assert (receipt.state, receipt.next_attempt_at) == ("failed", None)
    assert "could not be reached" in receipt.last_error


def test_after_a_lost_answer_nobody_sends_it_again(mail_server: MailServer) -> None:
    """The control is a server that says “not now”, above: what is known not to have arrived is sent again."""
    mail_server.answers["DATA"] = HANGS_UP
    receipt = sent(due_receipt())
    mail_server.answers.clear()

    receipt = sent(receipt)

    assert (receipt.state, receipt.get_state_display(), receipt.next_attempt_at) == ("unknown", "perhaps sent", None)
    assert len(mail_server.mails) == 1
    assert "did not say" in receipt.last_error


def killed_while_sending(settings: Any) -> Receipt:
    receipt = due_receipt()
    settings.EMAIL_BACKEND = "payments.tests.mail_server.DyingBackend"
    with pytest.raises(Killed):
        send_receipts_due()
    settings.EMAIL_BACKEND = SMTP_BACKEND
    receipt.refresh_from_db()
    assert receipt.state == "sending"
    return receipt


def test_when_a_worker_is_killed_while_it_sends_nobody_sends_it_again(mail_server: MailServer, settings: Any) -> None:
    receipt = sent(killed_while_sending(settings))

    assert (receipt.state, receipt.next_attempt_at, len(mail_server.mails)) == ("unknown", None, 1)
    assert "A worker ended" in receipt.last_error


def test_without_the_committed_intent_the_shopper_would_get_it_twice(mail_server: MailServer, settings: Any) -> None:
    """Negative control of the test above: the row as it would stand had `sending` not been committed."""
    receipt = killed_while_sending(settings)
    Receipt.objects.update(state="waiting")

    assert (sent(receipt).state, len(mail_server.mails)) == ("sent", 2)


def test_a_worker_that_lost_its_lease_sends_nothing(mail_server: MailServer) -> None:
    due_receipt()
    [slow] = Receipt.lease_due(1)
    Receipt.objects.update(lease_count=2)

    with pytest.raises(LeaseLost):
        send_receipt(slow.pk, slow.lease_count)

    assert mail_server.mails == []


def test_without_a_mail_server_the_receipt_says_so(sandbox: SandboxProcess) -> None:
    receipt = sent(due_receipt(paid_trip(shopper_id="kiosk-1")))

    assert (receipt.state, receipt.last_error) == ("failed", "No mail server is set: EMAIL_URL is empty.")
    assert not amazon_was_asked()


# --- Again -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["sent", "unknown", "no_address", "failed"])
def test_staff_have_it_sent_again_to_the_address_that_is_known_now(mail_server: MailServer, state: str) -> None:
    receipt = a_receipt(paid_trip(member=a_member()), state, email="old@example.com", last_error="Words.")

    resend(receipt)

    receipt = sent(receipt)
    assert (receipt.state, receipt.email, receipt.last_error) == ("sent", "ann@example.com", "")
    assert len(mail_server.mails) == 1


@pytest.mark.parametrize(("state", "words"), [("waiting", "waiting to be sent"), ("sending", "being handed")])
def test_what_is_on_its_way_is_not_sent_again(mail_server: MailServer, state: str, words: str) -> None:
    receipt = a_receipt(paid_trip(member=a_member()), state)

    with pytest.raises(Conflict, match=words):
        resend(receipt)


def test_a_second_click_on_a_page_that_is_out_of_date_sends_nothing(mail_server: MailServer) -> None:
    seen = sent(due_receipt())
    resend(seen)
    sent(seen)

    with pytest.raises(Conflict, match="sent meanwhile"):
        resend(seen)

    assert len(mail_server.mails) == 2
