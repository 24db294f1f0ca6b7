"""Passkeys: as a second factor, and alone."""

import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from core.tests.staff import staff_with
from staff.models import User
from staff.tests.authenticators import Passkey
from staff.tests.conftest import SignIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("factor_is_required")]

PAGE = "/admin/orders/trip/"
HUB = "/account/second-factor/"
OPTIONS = re.compile(r'<script id="js_data" type="application/json">(.*?)</script>')
JUNK = ["", "1", "[]", "{}", '"x"', "null", "[1]", '{"response": 1}', '{"id": "x", "response": {}}', "{" * 3000]


def options_in(page: HttpResponse, name: str) -> Any:
    found = OPTIONS.search(page.content.decode())
    assert found
    return json.loads(found[1])[name]


def add(client: Client, key: Passkey, name: str = "My telephone") -> HttpResponse:
    options = options_in(client.get(f"{HUB}webauthn/add/"), "creation_options")
    posted = {"name": name, "passwordless": "on", "credential": key.register(options)}
    return client.post(f"{HUB}webauthn/add/", posted, follow=True)


def sign_in_by(client: Client, key: Passkey, **more: str) -> HttpResponse:
    options = client.get(f"{HUB}webauthn/login/", headers={"Accept": "application/json"}).json()["request_options"]
    return client.post(f"{HUB}webauthn/login/", {"credential": key.sign(options), **more})


@pytest.fixture
def key(client: Client, cashier: User, sign_in: SignIn) -> Passkey:
    """The cashier's, who is signed out."""
    key = Passkey()
    sign_in(cashier)
    assert add(client, key).redirect_chain[-1][0] == f"{HUB}recovery-codes/"
    assert client.get(PAGE).status_code == 200
    client.post("/account/logout/")
    return key


def test_after_the_password_a_passkey_is_the_second_factor(
    client: Client, cashier: User, sign_in: SignIn, key: Passkey
) -> None:
    assert sign_in(cashier, next=PAGE)["Location"] == f"{HUB}authenticate/"
    options = options_in(client.get(f"{HUB}authenticate/"), "request_options")

    answer = client.post(f"{HUB}authenticate/", {"credential": key.sign(options)})

    assert answer["Location"] == PAGE
    assert client.get(PAGE).status_code == 200


def test_a_passkey_alone_signs_in_and_is_both_factors(client: Client, key: Passkey) -> None:
    assert sign_in_by(client, key, next=PAGE)["Location"] == PAGE

    assert client.get(PAGE).status_code == 200


def test_an_answer_to_another_question_opens_nothing(client: Client, key: Passkey) -> None:
    options = client.get(f"{HUB}webauthn/login/", headers={"Accept": "application/json"}).json()["request_options"]
    old = key.sign(options)
    assert sign_in_by(client, key).status_code == 302
    client.post("/account/logout/")

    client.get(f"{HUB}webauthn/login/", headers={"Accept": "application/json"})
    client.post(f"{HUB}webauthn/login/", {"credential": old})

    assert client.get(PAGE)["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("origin", ["https://evil.example", "http://testserver", "https://testserver.evil.example"])
def test_a_passkey_that_was_asked_by_another_site_opens_nothing(client: Client, key: Passkey, origin: str) -> None:
    options = client.get(f"{HUB}webauthn/login/", headers={"Accept": "application/json"}).json()["request_options"]

    client.post(f"{HUB}webauthn/login/", {"credential": key.sign(options, origin)})

    assert client.get(PAGE)["Location"].startswith("/admin/login/")


def test_a_strangers_passkey_opens_nothing(client: Client, key: Passkey) -> None:
    stranger, forger = Passkey(), Passkey()
    stranger.user_handle = forger.user_handle = key.user_handle
    forger.id = key.id

    for other in (stranger, forger):
        sign_in_by(client, other)
        assert client.get(PAGE)["Location"].startswith("/admin/login/")
    assert "This code is wrong" in client.get("/account/login/").content.decode()


@pytest.mark.parametrize("junk", JUNK)
def test_junk_in_place_of_an_answer_is_refused(
    client: Client, key: Passkey, cashier: User, sign_in: SignIn, junk: str
) -> None:
    client.get(f"{HUB}webauthn/login/", headers={"Accept": "application/json"})
    assert client.post(f"{HUB}webauthn/login/", {"credential": junk}).status_code in {200, 302}

    sign_in(cashier)
    client.get(f"{HUB}authenticate/")
    assert client.post(f"{HUB}authenticate/", {"credential": junk}).status_code in {200, 302}
    assert client.get(PAGE)["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("junk", JUNK)
def test_junk_in_place_of_a_new_passkey_is_refused(client: Client, cashier: User, sign_in: SignIn, junk: str) -> None:
    sign_in(cashier)
    client.get(f"{HUB}webauthn/add/")

    assert client.post(f"{HUB}webauthn/add/", {"name": "x", "credential": junk}).status_code == 200
    assert client.get(PAGE)["Location"] == HUB


def test_it_can_be_renamed_and_removed_by_its_owner_alone(client: Client, cashier: User, key: Passkey) -> None:
    sign_in_by(client, key)
    page = client.get(HUB).content.decode()
    [edit] = re.findall(rf"{HUB}webauthn/keys/\d+/edit/", page)
    remove = edit.replace("edit", "remove")

    stranger = Client()
    stranger.force_login(staff_with(username="stranger"))
    assert stranger.post(remove).status_code == stranger.post(edit, {"name": "mine"}).status_code == 404

    renamed = client.post(edit, {"name": "Work telephone"}, follow=True)
    assert (renamed.status_code, renamed.redirect_chain[-1][0]) == (200, HUB)
    assert "Work telephone" in client.get(HUB).content.decode()
    client.post(remove)
    assert client.get(PAGE)["Location"] == HUB


def test_where_only_the_single_sign_on_leads_in_no_passkey_does(client: Client, key: Passkey, settings: Any) -> None:
    settings.MFA_PASSKEY_LOGIN_ENABLED = False

    assert "passkey-login" not in client.get("/account/login/").content.decode()
    assert client.get(f"{HUB}webauthn/login/").status_code == 404
    assert client.post(f"{HUB}webauthn/login/", {"credential": "{}"}).status_code == 404
