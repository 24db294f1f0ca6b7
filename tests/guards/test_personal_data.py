"""Each look at a name, an e-mail address, a phone number or a shopper's words is written down: who, whose, where."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.tests.staff import staff_with
from loyalty.services.erasure import anonymize_member
from loyalty.tests.people import a_member
from payments.models import ContestAnswer, ContestedCart
from payments.services.contests import Claims, open_contest
from payments.tests.admin_rows import a_receipt, a_store, paid_trip
from staff.models import PersonalDataLook
from staff.services import personal_data
from staff.tasks import forget_old_looks

pytestmark = pytest.mark.django_db

MEMBERS, RECEIPTS, API = "/admin/loyalty/member/", "/admin/payments/receipt/", "/api/v1/members/"
RIGHT = "loyalty.view_personal_data"
ALL = [
    "loyalty.view_member",
    "loyalty.view_code",
    "loyalty.add_member",
    "loyalty.change_member",
    "loyalty.add_code",
    "loyalty.change_code",
    "loyalty.delete_code",
    "orders.view_trip",
    "payments.view_receipt",
    "payments.resend_receipt",
    "payments.view_contestedcart",
    "payments.decide_contestedcart",
    "payments.open_contestedcart",
    "payments.request_refund",
    "payments.adjust_trip",
]
MESSAGE = "My sister Eve took the soup."


@pytest.fixture
def looker(client: Client) -> Client:
    client.force_login(staff_with(*ALL, RIGHT, username="looker"))
    return client


@pytest.fixture
def other(db: None) -> Client:
    """Without the right."""
    client = Client()
    client.force_login(staff_with(*ALL, username="other"))
    return client


def looks() -> list[tuple[str, str, str]]:
    found = list(PersonalDataLook.objects.order_by("pk").values_list("actor", "whose", "page"))
    PersonalDataLook.objects.all().delete()
    return found


def test_the_page_of_a_member(looker: Client, other: Client) -> None:
    page = f"{MEMBERS}{a_member('ada-1', name='Ada').pk}/change/"

    other.get(page)
    assert looks() == []
    looker.get(page)
    assert looks() == [("looker", "ada-1", page)]


def test_the_list_of_members_in_one_statement(looker: Client, other: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert looker.get(MEMBERS).status_code == 200
        return len(queries)

    a_member("ada-1", name="Ada")
    a_member("nobody-1")
    looker.get(MEMBERS)
    assert looks() == [("looker", "ada-1", MEMBERS)]
    one = statements()
    for number in range(2, 30):
        a_member(f"ada-{number}", email=f"ada{number}@shopper.example")
    PersonalDataLook.objects.all().delete()

    assert statements() == one
    assert len(looks()) == 29
    other.get(MEMBERS)
    assert looks() == []


def test_a_list_shows_what_was_searched_for(looker: Client) -> None:
    a_member("ada-1", email="ada@shopper.example")
    a_member("bob-1", email="bob@shopper.example")

    looker.get(f"{MEMBERS}?q=ada@shopper.example")

    assert looks() == [("looker", "ada-1", MEMBERS)]


def test_an_export(looker: Client) -> None:
    a_member("ada-1", name="Ada")
    a_member("bob-1", phone="+447700900123")

    answer = looker.post(f"{MEMBERS}export/", {"format": "0", "memberresource_external_id": True, "resource": ""})

    assert answer.headers["Content-Type"] == "text/csv"
    assert {(actor, whose) for actor, whose, _ in looks()} == {("looker", "ada-1"), ("looker", "bob-1")}


def test_the_api_by_session_and_not_by_key(looker: Client, other: Client, settings: Any) -> None:
    settings.READ_API_KEYS = ["reader"]
    a_member("ada-1", name="Ada")

    for address in (API, f"{API}ada-1/"):
        other.get(address)
        looker.get(address, headers={"Authorization": "Bearer reader"})
        assert looks() == []
        looker.get(address)
        assert looks() == [("looker", "ada-1", API)]
    looker.patch(f"{API}ada-1/", {"tier": "gold"}, content_type="application/json")
    assert looks() == [("looker", "ada-1", API)]


def test_addresses_of_receipts(looker: Client, other: Client, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://mail.example"
    trip = paid_trip(member=a_member("ada-1"))
    a_receipt(trip, "sent", email="ada@shopper.example", sent_at=Now())
    a_receipt(paid_trip(), "no_address")
    page, again = (f"/admin/orders/trip/{trip.pk}/{part}/" for part in ("change", "resend-receipt"))

    for client in (other, looker):
        client.get(RECEIPTS)
        client.get(page)
        client.get(again)

    assert looks() == [("looker", "ada-1", place) for place in (RECEIPTS, page, again)]


def test_an_address_that_was_left_in_the_store_is_nobodys(looker: Client) -> None:
    trip = paid_trip()
    a_receipt(trip, "sent", email="someone@shopper.example", sent_at=Now())

    looker.get(f"/admin/orders/trip/{trip.pk}/change/")

    assert looks() == [("looker", "", f"/admin/orders/trip/{trip.pk}/change/")]


def test_a_page_that_refreshes_itself_is_one_look(looker: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    trip = paid_trip()
    a_receipt(trip, "sent", email="someone@shopper.example", sent_at=Now())
    part = f"/admin/orders/trip/{trip.pk}/content/"

    for _ in range(3):
        looker.get(part)
    assert len(looks()) == 1

    monkeypatch.setattr(personal_data, "SAME_LOOK", personal_data.timedelta(0))
    for _ in range(2):
        looker.get(part)
    assert len(looks()) == 2


def test_an_erased_member_is_named_no_more(looker: Client) -> None:
    member = a_member("ada-1", name="Ada")
    looker.get(f"{MEMBERS}{member.pk}/change/")

    anonymize_member(member)

    assert [whose for _, whose, _ in looks()] == [f"anonymous-{member.pk}"]
    looker.get(f"{MEMBERS}{member.pk}/change/")
    assert looks() == []


def test_looks_are_kept_as_long_as_the_journal(settings: Any) -> None:
    settings.JOURNAL_RETENTION_DAYS = 30
    now = personal_data.datetime.now(personal_data.UTC)
    for days in (31, 29):
        PersonalDataLook.objects.create(actor="looker", page=MEMBERS, at=now - personal_data.timedelta(days=days))

    assert forget_old_looks() == 1
    assert PersonalDataLook.objects.count() == 1


def test_the_list_of_looks_is_read_by_who_may_and_changed_by_nobody(client: Client) -> None:
    look = PersonalDataLook.objects.create(actor="looker", whose="ada-1", page=MEMBERS)
    client.force_login(staff_with("staff.view_personaldatalook", username="auditor"))

    assert "ada-1" in client.get("/admin/staff/personaldatalook/").content.decode()
    for term, found in (("ada-1", [look]), ("looker", [look]), ("bob-1", [])):
        listed = client.get(f"/admin/staff/personaldatalook/?q={term}").context["cl"].result_list
        assert list(listed) == found
    for page in ("add/", f"{look.pk}/change/", f"{look.pk}/delete/"):
        assert client.post(f"/admin/staff/personaldatalook/{page}", {"post": "yes"}).status_code == 403


def test_looks_of_other_stores_people_are_not_seen(client: Client) -> None:
    here, there = a_store("Here"), a_store("There")
    for name, store in (("near", here), ("far", there)):
        staff_with(username=name, sees_all_stores=False).stores.add(store)
        PersonalDataLook.objects.create(actor=name, page=MEMBERS)
    auditor = staff_with("staff.view_personaldatalook", username="auditor", sees_all_stores=False)
    auditor.stores.add(here)
    client.force_login(auditor)

    listed = client.get("/admin/staff/personaldatalook/").context["cl"].result_list

    assert [look.actor for look in listed] == ["near"]


def test_the_address_to_which_a_shopper_was_answered(looker: Client, other: Client) -> None:
    trip = paid_trip(member=a_member("ada-1"))
    contest = ContestedCart.objects.create(trip=trip, store=trip.store, opened_by="clerk")
    ContestAnswer.objects.create(contest=contest, text="We are sorry.", email="ada@shopper.example")
    page = f"/admin/payments/contestedcart/{contest.pk}/change/"

    for client in (other, looker):
        assert client.get(page).status_code == 200

    assert looks() == [("looker", "ada-1", page)]


def a_contest() -> ContestedCart:
    trip = paid_trip(member=a_member("ada-1"))
    return open_contest(trip, Claims(), key=uuid4(), message=MESSAGE, actor="clerk")


def places_of(contest: ContestedCart) -> list[str]:
    """Each page that tells what the shopper wrote."""
    contests, trips, trip = "/admin/payments/contestedcart/", "/admin/orders/trip/", contest.trip_id
    return [
        contests,
        *(f"{contests}{contest.pk}/{page}/" for page in ("change", "refund", "reject")),
        f"{trips}{trip}/change/",
        f"{trips}{trip}/adjust/?contest={contest.pk}",
    ]


def test_what_a_shopper_wrote_is_read_by_who_may_and_each_look_is_written_down(looker: Client, other: Client) -> None:
    for place in places_of(a_contest()):
        hidden, shown = (client.get(place) for client in (other, looker))

        assert (hidden.status_code, shown.status_code) == (200, 200)
        assert MESSAGE not in hidden.content.decode()
        assert "a message" in hidden.content.decode(), place
        assert MESSAGE in shown.content.decode()
        assert looks() == [("looker", "ada-1", place.partition("?")[0])], place


def test_where_a_shopper_wrote_nothing_nobody_has_looked(looker: Client, other: Client) -> None:
    """The negative control."""
    contest = a_contest()
    ContestedCart.objects.update(message="")

    for place in places_of(contest):
        for client in (looker, other):
            assert "The shopper left a message" not in client.get(place).content.decode()
    assert looks() == []


def test_a_form_that_is_refused_shows_it_to_nobody_else(other: Client, looker: Client) -> None:
    reject = f"/admin/payments/contestedcart/{a_contest().pk}/reject/"

    hidden, shown = (client.post(reject, {"note": ""}) for client in (other, looker))

    assert MESSAGE not in hidden.content.decode()
    assert MESSAGE in shown.content.decode()
    assert looks() == [("looker", "ada-1", reject)]


def test_the_api_tells_what_a_shopper_wrote_to_who_may(looker: Client, other: Client, settings: Any) -> None:
    settings.READ_API_KEYS = ["reader"]
    trips, trip = "/api/v1/trips/", a_contest().trip.amazon_trip_id

    for address in (trips, f"{trips}{trip}/"):
        assert MESSAGE not in other.get(address).content.decode()
        assert MESSAGE in looker.get(address, headers={"Authorization": "Bearer reader"}).content.decode()
        assert looks() == []
        assert MESSAGE in looker.get(address).content.decode()
        assert looks() == [("looker", "ada-1", trips)]
    assert other.get(f"{trips}{trip}/").json()["contests"][0]["message"] is None


def test_the_api_tells_that_there_is_no_message(other: Client) -> None:
    contest = a_contest()
    ContestedCart.objects.update(message="")

    assert other.get(f"/api/v1/trips/{contest.trip.amazon_trip_id}/").json()["contests"][0]["message"] == ""


def test_who_notes_a_contest_by_the_api_is_not_told_what_stands(looker: Client, other: Client) -> None:
    contest = a_contest()
    said = {"contest_id": str(contest.key), "message": MESSAGE}
    address = f"/api/v1/trips/{contest.trip.amazon_trip_id}/contests/"

    hidden, shown = (client.post(address, said, content_type="application/json") for client in (other, looker))

    assert (hidden.json()["message"], shown.json()["message"]) == (None, MESSAGE)
    assert looks() == [("looker", "ada-1", "/api/v1/trips/")]
