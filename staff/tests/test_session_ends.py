"""Sessions end: after hours, after minutes without anybody, and when a password changes."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.tests.staff import staff_with
from staff.models import User
from staff.tasks import forget_ended_sessions
from staff.tests.conftest import SignIn

pytestmark = pytest.mark.django_db

PAGE = "/admin/orders/trip/"
MINUTE, HOUR = 60, 3600


@pytest.fixture
def clock() -> Any:
    with time_machine.travel("2026-11-27T12:00:00Z", tick=False) as clock:
        yield clock


def is_in(client: Client, page: str = PAGE, **headers: str) -> bool:
    return client.get(page, headers=headers).status_code == 200


def test_after_an_hour_without_anybody_one_signs_in_again(
    client: Client, looker: User, sign_in: SignIn, clock: Any
) -> None:
    sign_in(looker)
    clock.shift(59 * MINUTE)
    assert is_in(client)
    clock.shift(61 * MINUTE)

    page = client.get(PAGE, follow=True)

    assert page.redirect_chain[-1][0].startswith("/account/login/?next=%2Fadmin%2Forders%2Ftrip%2F")
    assert "You were signed out, because nothing happened for 60 minutes." in page.content.decode()
    assert not is_in(client)


def test_who_works_on_stays_until_the_twelve_hours_are_over(
    client: Client, looker: User, sign_in: SignIn, clock: Any
) -> None:
    sign_in(looker)
    for _ in range(24):
        assert is_in(client)
        clock.shift(30 * MINUTE)
    clock.shift(1)

    page = client.get(PAGE, follow=True)

    assert "signing in lasts 12 hours" in page.content.decode()


def test_both_times_are_settings(client: Client, looker: User, sign_in: SignIn, clock: Any, settings: Any) -> None:
    settings.SESSION_IDLE_SECONDS = 5 * MINUTE
    sign_in(looker)
    clock.shift(6 * MINUTE)

    assert not is_in(client)


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(
    client: Client, looker: User, sign_in: SignIn, clock: Any
) -> None:
    sign_in(looker)
    for _ in range(3):
        clock.shift(20 * MINUTE)
        assert is_in(client, **{"Sec-Fetch-Mode": "cors"})
    clock.shift(MINUTE)

    assert not is_in(client, **{"Sec-Fetch-Mode": "cors"})


def test_opening_a_page_keeps_it_open(client: Client, looker: User, sign_in: SignIn, clock: Any) -> None:
    sign_in(looker)
    for _ in range(3):
        clock.shift(50 * MINUTE)
        assert is_in(client, **{"Sec-Fetch-Mode": "navigate"})


def test_a_session_is_not_written_with_each_page(client: Client, looker: User, sign_in: SignIn, clock: Any) -> None:
    sign_in(looker)
    is_in(client)

    def writes() -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            assert is_in(client)
        return [one["sql"] for one in seen if one["sql"].startswith(("UPDATE", "INSERT"))]

    assert writes() == []
    clock.shift(2 * MINUTE)
    assert len(writes()) == 1


def test_the_session_that_is_over_is_gone_from_the_database(
    client: Client, looker: User, sign_in: SignIn, clock: Any
) -> None:
    sign_in(looker)
    old = client.cookies["sessionid"].value
    clock.shift(2 * HOUR)
    client.get(PAGE)

    assert not Session.objects.filter(pk=old).exists()


def test_a_session_of_which_nobody_knows_when_it_began_is_over(client: Client, looker: User) -> None:
    client.force_login(looker)
    session = client.session
    del session["signed_in_at"]
    session.save()

    assert not is_in(client)


def test_the_api_answers_no_session_that_is_over(client: Client, looker: User, sign_in: SignIn, clock: Any) -> None:
    sign_in(looker)
    assert is_in(client, "/api/v1/trips/")
    clock.shift(2 * HOUR)

    assert client.get("/api/v1/trips/").status_code == 401
    assert client.post("/api/v1/trips/x/refunds/", {}).status_code == 401


# --- A form that somebody was filling in ---


def test_what_was_being_sent_is_not_done_but_asked_again(
    client: Client, sign_in: SignIn, clock: Any, django_user_model: Any
) -> None:
    boss = django_user_model.objects.create_superuser("boss", password="not-a-secret")
    other = staff_with(username="other")
    form = f"/admin/staff/user/{other.pk}/change/"
    sign_in(boss)
    clock.shift(2 * HOUR)

    answer = client.post(form, {"username": "renamed"}, headers={"Referer": f"http://testserver{form}?_popup=1"})

    where = urlsplit(answer["Location"])
    assert where.path == "/account/login/"
    assert parse_qs(where.query) == {"next": [f"{form}?_popup=1"], "draft": ["kept"]}
    page = client.get(answer["Location"]).content.decode()
    assert "What you sent was not done." in page
    assert "data-draft-is-kept" in page
    other.refresh_from_db()
    assert other.username == "other"
    assert sign_in(boss, next=f"{form}?_popup=1")["Location"] == f"{form}?_popup=1"


def test_so_it_is_when_the_session_was_ended_elsewhere(client: Client, looker: User, sign_in: SignIn) -> None:
    sign_in(looker)
    Session.objects.all().delete()

    answer = client.post(PAGE, {"x": "y"}, headers={"Referer": f"http://testserver{PAGE}?q=1"})

    assert parse_qs(urlsplit(answer["Location"]).query) == {"next": [f"{PAGE}?q=1"], "draft": ["kept"]}
    assert "What you sent was not done." in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    "referer", ["", "https://evil.example/x", "http://testserver.evil.example/x", "junk", "//[", "http://[x/"]
)
def test_the_way_back_is_on_this_server(
    client: Client, looker: User, sign_in: SignIn, clock: Any, referer: str
) -> None:
    sign_in(looker)
    clock.shift(2 * HOUR)

    answer = client.post(PAGE, {"x": "y"}, headers={"Referer": referer})

    assert parse_qs(urlsplit(answer["Location"]).query)["next"] == [PAGE]


# --- Other ends ---


def test_a_new_password_ends_all_other_sessions(client: Client, looker: User, sign_in: SignIn) -> None:
    elsewhere = Client()
    sign_in(looker, by=elsewhere)
    sign_in(looker)
    new = "a-much-longer-passphrase"

    wrong = client.post("/account/password/", {"oldpassword": "x", "password1": new, "password2": new})
    assert "This is not your password." in wrong.content.decode()
    weak = client.post("/account/password/", {"oldpassword": "not-a-secret", "password1": "x", "password2": "x"})
    assert weak.status_code == 200
    assert is_in(elsewhere)

    client.post("/account/password/", {"oldpassword": "not-a-secret", "password1": new, "password2": new})

    assert is_in(client)
    assert not is_in(elsewhere)
    assert sign_in(looker, new, by=elsewhere)["Location"] == "/admin/"


def test_one_sees_where_one_is_signed_in_and_ends_it(client: Client, looker: User, sign_in: SignIn) -> None:
    elsewhere = Client()
    sign_in(looker, by=elsewhere, headers={"User-Agent": "Browser at home"})
    sign_in(looker)
    assert "Browser at home" in client.get("/account/sessions/").content.decode()

    client.post("/account/sessions/")

    assert is_in(client)
    assert not is_in(elsewhere)
    assert "Browser at home" not in client.get("/account/sessions/").content.decode()


def test_a_form_from_before_signing_in_again_is_refused_in_words(looker: User, sign_in: SignIn) -> None:
    strict = Client(enforce_csrf_checks=True)

    answer = sign_in(looker, by=strict)

    assert answer.status_code == 403
    assert "This was not sent" in answer.content.decode()


def test_sessions_that_are_over_are_forgotten_and_others_are_not(
    client: Client, looker: User, sign_in: SignIn, clock: Any
) -> None:
    sign_in(looker)
    clock.shift(11 * HOUR)
    other = Client()
    other.force_login(staff_with(username="other"))
    other.get(PAGE)
    clock.shift(2 * HOUR)

    assert forget_ended_sessions() == 1

    assert [row.session_key for row in Session.objects.all()] == [other.session.session_key]
    assert {row.user.username for row in UserSession.objects.all()} <= {"other"}
