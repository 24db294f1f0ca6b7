"""The e-mail that tells a shopper of a refund: once, when the money is given back, and not before."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from core.work import LeaseLost
from loyalty.models import Member
from loyalty.services.erasure import anonymize_member
from payments.models import Refund, RefundNotice
from payments.services.mailing import WORKER_ENDED
from payments.services.refund_approval import withdraw_refund
from payments.services.refund_notices import send_notice
from payments.services.refunds import request_refund
from payments.services.resolution import resolve_refund
from payments.tasks import send_refund_notices_due, send_refunds_due
from payments.tests.admin_rows import paid_trip, staff_with
from payments.tests.mail_server import HANGS_UP, MailServer
from payments.tests.trips import captured_trip, make_due
from sandbox.testing import SandboxProcess

pytestmark = pytest.mark.django_db


def a_refund(trip: Any, **fields: Any) -> Refund:
    asked: dict[str, Any] = {"refund_request_id": uuid4(), "actor": "clerk", "reason": "OTHER", "tells_shopper": True}
    return request_refund(trip, **(asked | fields))


def of_member(trip: Any, **fields: Any) -> Any:
    trip.member = Member.objects.create(**({"external_id": "ann", "email": "ann@example.com"} | fields))
    trip.save()
    return trip


def done(refund: Refund) -> Refund:
    """As when a person has said that the shopper has the money."""
    Refund.objects.filter(pk=refund.pk).update(state="unknown", failed_attempts=3)
    resolve_refund(refund, was_given=True, actor="manager", note="The portal shows it.")
    return Refund.objects.get(pk=refund.pk)


def notice_of(refund: Refund) -> RefundNotice:
    return RefundNotice.objects.get(refund=refund)


def test_the_shopper_is_told_once_amazon_has_given_the_money_back(
    sandbox: SandboxProcess, mail_server: MailServer
) -> None:
    trip = of_member(captured_trip(sandbox))
    refund = a_refund(trip)
    send_refund_notices_due()
    assert not mail_server.mails

    send_refunds_due()
    for _ in range(2):
        send_refund_notices_due()

    [mail] = mail_server.mails
    assert mail["To"] == "ann@example.com"
    assert mail["Subject"].startswith("Your refund from ")
    assert "We have given $10.00 back to you" in mail.get_content()
    notice = notice_of(refund)
    assert (notice.state, notice.email, notice.next_attempt_at) == ("sent", "ann@example.com", None)


def test_it_goes_out_when_a_person_has_found_out_that_the_money_is_there(mail_server: MailServer) -> None:
    refund = done(a_refund(of_member(paid_trip())))

    send_refund_notices_due()

    assert len(mail_server.mails) == 1
    assert notice_of(refund).state == "sent"


def test_nobody_is_told_of_what_was_not_given(mail_server: MailServer) -> None:
    withdrawn = a_refund(of_member(paid_trip()))
    withdraw_refund(withdrawn, actor="clerk")

    send_refund_notices_due()

    assert not mail_server.mails
    assert notice_of(withdrawn).next_attempt_at is None


def test_asking_twice_with_the_same_key_plans_one(mail_server: MailServer) -> None:
    trip, key = of_member(paid_trip()), uuid4()

    for _ in range(2):
        a_refund(trip, refund_request_id=key)

    assert RefundNotice.objects.count() == 1


def test_a_mail_server_that_breaks_off_is_not_sent_it_again(mail_server: MailServer) -> None:
    refund = done(a_refund(of_member(paid_trip())))
    mail_server.answers["DATA"] = HANGS_UP

    for _ in range(3):
        make_due(RefundNotice, notice_of(refund).pk) if notice_of(refund).next_attempt_at else None
        send_refund_notices_due()

    assert len(mail_server.mails) == 1
    assert notice_of(refund).state == "unknown"


def test_a_worker_that_ended_in_between_leaves_it_unknown(mail_server: MailServer) -> None:
    refund = done(a_refund(of_member(paid_trip())))
    RefundNotice.objects.update(state="sending")

    send_refund_notices_due()

    assert not mail_server.mails
    assert (notice_of(refund).state, notice_of(refund).last_error) == ("unknown", WORKER_ENDED)


def test_a_lease_that_was_lost_sends_nothing(mail_server: MailServer) -> None:
    refund = done(a_refund(of_member(paid_trip())))
    [leased] = RefundNotice.lease_due(1)
    RefundNotice.objects.update(lease_count=7)

    with pytest.raises(LeaseLost):
        send_notice(leased)

    assert not mail_server.mails
    assert notice_of(refund).state == "waiting"


def test_a_member_whose_data_are_erased_gets_none_and_leaves_no_address(mail_server: MailServer) -> None:
    refund = done(a_refund(of_member(paid_trip())))
    send_refund_notices_due()
    member = Member.objects.get()

    anonymize_member(member)

    assert notice_of(refund).email == ""


def test_without_a_mail_server_the_trips_page_says_so(client: Client, settings: Any) -> None:
    settings.EMAIL_URL = ""
    trip = of_member(paid_trip())
    done(a_refund(trip))
    send_refund_notices_due()
    client.force_login(staff_with("orders.view_trip"))

    shown = " ".join(client.get(f"/admin/orders/trip/{trip.pk}/change/").content.decode().split())

    assert "E-mail to the shopper: failed. No mail server is set" in shown


def test_it_stands_on_the_timeline(client: Client, mail_server: MailServer) -> None:
    trip = of_member(paid_trip())
    done(a_refund(trip))
    send_refund_notices_due()
    client.force_login(staff_with("orders.view_trip"))

    shown = client.get(f"/admin/orders/trip/{trip.pk}/change/").content.decode()

    assert "E-mail about the refund sent" in shown
    assert "The shopper was told by e-mail" in shown
    assert "ann@example.com" not in shown
