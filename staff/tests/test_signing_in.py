"""One page leads in, and nothing leads around it."""

from typing import Any

import pytest
from django.test import Client

from core.tests.staff import staff_with
from staff.models import User
from staff.tests.conftest import SignIn

pytestmark = pytest.mark.django_db

PAGE = "/admin/orders/trip/"


def is_in(client: Client) -> bool:
    return client.get("/account/sessions/").status_code == 200


def test_who_opens_a_page_signs_in_and_is_on_that_page(client: Client, looker: User) -> None:
    asked = client.get(f"{PAGE}?q=1", follow=True)
    assert asked.redirect_chain[-1][0] == "/account/login/?next=%2Fadmin%2Forders%2Ftrip%2F%3Fq%3D1"
    assert b"User name or e-mail" in asked.content

    answer = client.post(
        "/account/login/", {"login": "looker", "password": "not-a-secret", "next": f"{PAGE}?q=1"}, follow=True
    )

    assert answer.redirect_chain[-1][0] == f"{PAGE}?q=1"
    assert answer.status_code == 200


def test_the_e_mail_address_does_as_well_as_the_name(client: Client, looker: User, sign_in: SignIn) -> None:
    User.objects.update(email="looker@example.com")

    assert sign_in("looker@example.com")["Location"] == "/admin/"
    assert is_in(client)


@pytest.mark.parametrize(
    ("login", "password"), [("looker", "wrong"), ("nobody", "not-a-secret"), ("", ""), ("\0", "x")]
)
def test_a_wrong_name_or_password_is_said_in_words(
    client: Client, looker: User, sign_in: SignIn, login: str, password: str
) -> None:
    answer = sign_in(login, password)

    assert answer.status_code == 200
    assert b'role="alert"' in answer.content
    assert not is_in(client)


def test_the_admins_own_login_signs_nobody_in(client: Client, looker: User) -> None:
    answer = client.post("/admin/login/", {"username": "looker", "password": "not-a-secret"})

    assert answer["Location"].startswith("/account/login/")
    assert not is_in(client)


@pytest.mark.parametrize(
    "way",
    ["/account/signup/", "/account/email/", "/account/confirm-email/", "/account/login/code/", "/account/3rdparty/"],
)
def test_ways_of_allauth_that_nobody_needs_are_not_there(client: Client, way: str) -> None:
    assert client.get(way).status_code == client.post(way).status_code == 404


def test_who_is_no_member_of_staff_is_turned_away_at_the_door(
    client: Client, sign_in: SignIn, django_user_model: Any
) -> None:
    django_user_model.objects.create_user("shopper", password="not-a-secret")

    answer = sign_in("shopper")

    assert answer["Location"] == "/account/inactive/"
    assert b"no member of staff" in client.get("/account/inactive/").content
    assert not is_in(client)


def test_who_is_switched_off_is_too_and_at_once(client: Client, looker: User, sign_in: SignIn) -> None:
    sign_in(looker)
    assert client.get(PAGE).status_code == 200

    User.objects.update(is_active=False)

    assert client.get(PAGE)["Location"].startswith("/admin/login/")
    assert sign_in(looker)["Location"] == "/account/inactive/"
    assert client.get(PAGE)["Location"].startswith("/admin/login/")


def test_somebody_signed_in_who_is_no_longer_staff_is_told_and_not_sent_round_in_circles(client: Client) -> None:
    person = staff_with()
    client.force_login(person)
    User.objects.update(is_staff=False)

    answer = client.get(PAGE, follow=True)

    assert answer.status_code == 403
    assert "clerk, who is no member of staff" in answer.content.decode()


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", "//[", "http://[x/"],
)
def test_signing_in_leads_to_no_other_server(client: Client, looker: User, sign_in: SignIn, elsewhere: str) -> None:
    assert client.get("/account/login/", {"next": elsewhere}).status_code == 200
    assert sign_in(looker, next=elsewhere)["Location"] == "/admin/"


def test_signing_out_takes_a_click_and_ends_the_session(client: Client, looker: User, sign_in: SignIn) -> None:
    sign_in(looker)

    asked = client.get("/admin/logout/", follow=True)
    assert asked.redirect_chain == [("/account/logout/", 302)]
    assert "Sign out?" in asked.content.decode()
    assert is_in(client)
    assert client.post("/admin/logout/")["Location"] == "/account/login/"
    assert not is_in(client)


@pytest.mark.parametrize("address", ["/api/docs/", "/api/schema/"])
def test_the_apis_documentation_is_for_staff_and_for_the_retailers_systems(
    client: Client, looker: User, sign_in: SignIn, address: str
) -> None:
    assert client.get(address)["Location"].startswith("/account/login/?next=%2Fapi%2F")
    assert client.get(address, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get(address, headers={"Authorization": "Bearer test-read-key"}).status_code == 200

    sign_in(looker)
    assert client.get(address).status_code == 200


def test_the_pages_ask_no_other_server_for_anything(client: Client) -> None:
    page = client.get("/account/login/").content.decode()

    assert "http://" not in page.replace("http://www.w3.org/", "")
    assert "https://" not in page


def test_the_menu_of_the_admin_leads_to_a_persons_own_pages(client: Client, looker: User, sign_in: SignIn) -> None:
    sign_in(looker)

    page = client.get(PAGE).content.decode()

    for link in ("/account/password/", "/account/second-factor/", "/account/sessions/"):
        assert f'href="{link}"' in page
        assert client.get(link).status_code == 200
    assert client.get("/admin/password_change/")["Location"] == "/account/password/"


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(client: Client, looker: User, sign_in: SignIn) -> None:
    sign_in(looker)

    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", "")


def test_a_health_check_asks_nothing_about_anybody(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200
