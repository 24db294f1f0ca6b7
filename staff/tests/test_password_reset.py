"""A forgotten password."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from staff.models import User
from staff.tests.conftest import SignIn

pytestmark = pytest.mark.django_db

ASK = "/account/password/reset/"
NEW = "a-much-longer-passphrase"


@pytest.fixture
def mails(settings: Any) -> list[Any]:
    settings.EMAIL_URL = "smtp://somewhere"
    return mail.outbox


@pytest.fixture
def person(looker: User) -> User:
    looker.email = "looker@example.com"
    looker.save()
    return looker


def link_in(mails: list[Any]) -> str:
    found = re.search(r"http://testserver(/account/password/reset/\S+)", mails[-1].body)
    assert found, mails[-1].body
    return found[1]


def test_where_no_mail_is_sent_there_is_no_such_page(client: Client) -> None:
    assert "Forgot" not in client.get("/account/login/").content.decode()
    assert client.get(ASK).status_code == client.post(ASK, {"email": "x@example.com"}).status_code == 404


def test_the_link_in_the_mail_sets_a_new_password_once_and_signs_nobody_in(
    client: Client, person: User, sign_in: SignIn, mails: list[Any]
) -> None:
    elsewhere = Client()
    sign_in(person, by=elsewhere)
    assert "Look at your mail" in client.post(ASK, {"email": "LOOKER@example.com"}, follow=True).content.decode()
    assert mails[-1].to == ["looker@example.com"]
    link = link_in(mails)

    form = client.get(link, follow=True)
    assert form.redirect_chain[-1][0].endswith("set-password/")
    done = client.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW}, follow=True)

    assert "Your password is changed" in done.content.decode()
    assert client.get("/account/sessions/").status_code == 302
    assert elsewhere.get("/account/sessions/").status_code == 302
    assert "no longer opens" in client.get(link, follow=True).content.decode()
    assert sign_in(person, NEW)["Location"] == "/admin/"


def test_an_unknown_address_is_answered_alike_and_mailed_nothing(
    client: Client, person: User, mails: list[Any]
) -> None:
    known = client.post(ASK, {"email": "looker@example.com"})
    unknown = client.post(ASK, {"email": "nobody@example.com"})

    assert known["Location"] == unknown["Location"]
    assert len(mails) == 1


def test_who_has_no_password_is_sent_none(client: Client, person: User, mails: list[Any]) -> None:
    person.set_unusable_password()
    person.save()

    client.post(ASK, {"email": "looker@example.com"})

    assert mails == []


def test_an_address_that_was_somebodys_before_resets_nothing(client: Client, person: User, mails: list[Any]) -> None:
    client.post(ASK, {"email": "looker@example.com"})
    User.objects.update(email="new@example.com")

    client.post(ASK, {"email": "looker@example.com"})

    assert len(mails) == 1
    assert "no longer opens" in client.get(link_in(mails), follow=True).content.decode()


@pytest.mark.parametrize("key", ["1-x", "zzzzzzzzzzzzzzzzzzzzzzzz-x", "1-" + "x" * 500, "0-set-password", "1-c5y-%00"])
def test_a_link_that_was_never_sent_is_said_to_be_too_old(client: Client, mails: list[Any], key: str) -> None:
    answer = client.get(f"{ASK}{key}/", follow=True)

    assert answer.status_code in {200, 400}


@pytest.mark.parametrize("junk", ["", "x", "a@b", "\0", "x" * 5000 + "@example.com"])
def test_junk_in_place_of_an_address_is_refused(client: Client, person: User, mails: list[Any], junk: str) -> None:
    assert client.post(ASK, {"email": junk}).status_code == 200
    assert mails == []


def test_a_mail_server_that_is_away_is_no_error(
    client: Client, person: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_URL = "smtp://somewhere"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    caplog.set_level("WARNING")

    assert client.post(ASK, {"email": "looker@example.com"}).status_code == 302
    assert "was not sent" in caplog.text
    assert "looker@" not in caplog.text


def test_a_change_of_how_somebody_signs_in_is_mailed_to_them(
    client: Client, person: User, sign_in: SignIn, mails: list[Any], settings: Any
) -> None:
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
    sign_in(person)

    client.post("/account/password/", {"oldpassword": "not-a-secret", "password1": NEW, "password2": NEW})

    [told] = mails
    assert told.to == ["looker@example.com"]
    assert "127.0.0.1" in told.body
    assert "If it was not you" in told.body
