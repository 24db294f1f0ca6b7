"""People are told what needs them: once, those who can do something about it, as they like to be told."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client

from core.tests.staff import staff_with
from orders.models import Trip
from orders.services.notes import add_note
from payments.models import BulkJob, Refund
from payments.services.attention import WHYS
from payments.services.bulk.jobs import plan_job, start_job
from payments.services.telling import RIGHTS_OF_WHYS
from payments.tasks import bulk_due, mail_notifications_due, tell_people
from payments.tests.admin_rows import a_refund, a_store, failed_trip, paid_trip
from staff.models import Notification, NotificationKind, User

pytestmark = pytest.mark.django_db

PAGE = "/admin/notifications/"
RIGHTS = ("orders.view_trip", "payments.request_refund", "payments.retry_charge")


@pytest.fixture
def person() -> User:
    person: User = staff_with(*RIGHTS)
    person.email = "clerk@shop.example"
    person.save()
    return person


@pytest.fixture
def staff(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def titles(person: User) -> list[str]:
    return list(Notification.objects.filter(user=person).order_by("id").values_list("title", flat=True))


def unread_in_header(staff: Client) -> str:
    page = staff.get("/admin/orders/trip/").content.decode()
    found = re.search(r'class="bo-bell-count"[^>]*>([^<]*)<', page)
    return found[1] if found else "0"


def test_a_refund_that_failed_is_told_once_with_a_way_to_it(staff: Client, person: User) -> None:
    trip = paid_trip()
    a_refund(trip, "2.00", "failed")

    tell_people()
    tell_people()

    assert titles(person) == ["Corner shop: refund failed"]
    assert unread_in_header(staff) == "1"
    opened = staff.get(f"{PAGE}{Notification.objects.get().pk}/")
    assert opened["Location"] == f"/admin/orders/trip/{trip.pk}/change/"
    assert unread_in_header(staff) == "0"


def test_several_at_a_store_are_told_together_with_their_list(staff: Client, person: User) -> None:
    for _ in range(3):
        failed_trip()

    tell_people()

    assert titles(person) == ["Corner shop: 3 × refused"]
    listed = staff.get(f"{PAGE}{Notification.objects.get().pk}/", follow=True)
    assert listed.status_code == 200
    assert listed.content.decode().count('href="/admin/orders/trip/') >= 3


def test_what_is_over_is_told_again_when_it_comes_back(person: User) -> None:
    refund = a_refund(paid_trip(), "2.00", "failed")
    tell_people()
    Refund.objects.filter(pk=refund.pk).update(state="done")
    tell_people()
    Refund.objects.filter(pk=refund.pk).update(state="failed")

    tell_people()

    assert titles(person) == ["Corner shop: refund failed"] * 2


def test_only_who_can_do_something_about_it_is_told() -> None:
    may = staff_with("payments.request_refund", username="may")
    elsewhere = staff_with("payments.request_refund", username="elsewhere", sees_all_stores=False)
    elsewhere.stores.add(a_store("Elsewhere"))
    here = staff_with("payments.request_refund", username="here", sees_all_stores=False)
    here.stores.add(a_store())
    staff_with("orders.view_trip", username="without the right")
    gone = staff_with("payments.request_refund", username="gone")
    gone.is_active = False
    gone.save()
    a_refund(paid_trip(), "2.00", "failed")

    tell_people()

    assert set(Notification.objects.values_list("user", flat=True)) == {may.pk, here.pk}


def test_a_kind_that_is_muted_is_not_told(staff: Client, person: User) -> None:
    staff.post(f"{PAGE}choices/", {"in_header": ["failed", "approval"]})
    a_refund(paid_trip(), "2.00", "failed")

    tell_people()

    assert titles(person) == []


def test_who_chose_e_mail_gets_one_with_all_that_is_new(staff: Client, person: User, settings: Any) -> None:
    settings.EMAIL_URL, settings.BASE_URL = "smtp://mail.example", "https://back.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    staff.post(f"{PAGE}choices/", {"in_header": ["refund"], "by_mail": ["refund", "failed"]})
    trip = paid_trip()
    a_refund(trip, "2.00", "failed")
    failed_trip()

    tell_people()
    mail_notifications_due()
    mail_notifications_due()

    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["clerk@shop.example"], "2 notifications")
    assert f"https://back.example/admin/orders/trip/{trip.pk}/change/" in sent.body
    assert "Corner shop: refused" in sent.body
    assert unread_in_header(staff) == "1"


def test_a_mail_server_that_is_away_is_tried_again(person: User, staff: Client, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend",
        "127.0.0.1",
        1,
    )
    staff.post(f"{PAGE}choices/", {"by_mail": ["refund"]})
    a_refund(paid_trip(), "2.00", "failed")
    tell_people()

    mail_notifications_due()

    waiting = person.notification_mail
    assert waiting.failed_attempts == 1
    assert "could not be reached" in waiting.last_error
    assert Notification.objects.get().awaits_mail


def test_who_is_named_in_a_note_is_told(staff: Client, person: User) -> None:
    trip = paid_trip()
    add_note(trip, "@clerk, please look", actor="manager", key=uuid4())

    assert titles(person) == [f"manager names you in a note on {trip}"]


def test_whoever_started_a_job_is_told_once_that_it_is_done(person: User) -> None:
    failed_trip()
    start_job(plan_job(BulkJob.Kind.COLLECT, Trip.objects.all(), person))

    bulk_due()
    bulk_due()

    assert titles(person) == ["Ask for the money again: 1 done"]


def test_all_are_marked_as_read_at_once(staff: Client) -> None:
    a_refund(paid_trip(), "2.00", "failed")
    failed_trip()
    tell_people()
    assert unread_in_header(staff) == "2"

    answer = staff.post(PAGE, follow=True).content.decode()

    assert "2 notifications marked as read." in answer
    assert unread_in_header(staff) == "0"


def test_nobody_opens_the_notification_of_another(client: Client, person: User) -> None:
    a_refund(paid_trip(), "2.00", "failed")
    tell_people()
    client.force_login(staff_with(username="other"))

    assert client.get(f"{PAGE}{Notification.objects.get(user=person).pk}/").status_code == 404
    assert Notification.objects.get(user=person).read_at is None


def test_the_empty_page_says_what_will_stand_there(staff: Client) -> None:
    assert "Nothing yet." in staff.get(PAGE).content.decode()


def test_every_cause_has_its_kind_and_a_right_that_exists() -> None:
    assert set(RIGHTS_OF_WHYS) == set(WHYS)
    assert set(WHYS) <= set(NotificationKind.values)
    for right in RIGHTS_OF_WHYS.values():
        app, _, codename = right.partition(".")
        assert Permission.objects.filter(content_type__app_label=app, codename=codename).exists(), right
