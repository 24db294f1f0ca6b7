"""Single sign-on, against a provider that answers over HTTP."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.contrib.auth.models import Group, Permission
from django.http import HttpResponse
from django.test import Client

from core.tests.staff import staff_with
from staff.groups import make_groups
from staff.models import User
from staff.tests.authenticators import SECRET, code_of
from staff.tests.conftest import SignIn
from staff.tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcProvider, Person

pytestmark = pytest.mark.django_db

START = "/account/oidc/sso/login/"
PAGE = "/admin/orders/trip/"
EMAIL = {"email": "Looker@example.com", "email_verified": True}


@pytest.fixture(scope="module")
def server() -> Iterator[OidcProvider]:
    with OidcProvider() as server:
        yield server


@pytest.fixture
def provider(server: OidcProvider, settings: Any) -> OidcProvider:
    server.forget_lies()
    server.person = Person()
    app = {
        "provider_id": "sso",
        "name": "Our Directory",
        "client_id": CLIENT_ID,
        "secret": CLIENT_SECRET,
        "settings": {"server_url": server.issuer, "oauth_pkce_enabled": True},
    }
    settings.OIDC_ISSUER = server.issuer
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    return server


@pytest.fixture
def by_groups(db: None, settings: Any) -> None:
    make_groups(Group.objects, Permission.objects)
    settings.OIDC_GROUPS_CLAIM = "groups"
    settings.OIDC_GROUPS = {"it-retail": "manager", "it-money": "finance", "it-staff": ""}


@pytest.fixture
def known(looker: User) -> User:
    looker.email = "looker@example.com"
    looker.save()
    return looker


def come(client: Client, **more: str) -> HttpResponse:
    """The browser's way there and back."""
    there = client.post(START, more)
    assert there.status_code == 302, there.content
    back = urlsplit(requests.get(there["Location"], allow_redirects=False, timeout=5).headers["Location"])
    return client.get(f"{back.path}?{back.query}")


def is_in(client: Client) -> bool:
    return client.get("/account/sessions/").status_code == 200


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


# --- Who is let in ---


def test_who_is_known_by_a_verified_address_comes_in(client: Client, provider: OidcProvider, known: User) -> None:
    assert "Sign in with Our Directory" in text(client.get("/account/login/"))
    provider.person.userinfo = EMAIL

    assert come(client, next=PAGE)["Location"] == PAGE

    assert client.get(PAGE).status_code == 200
    assert client.get(PAGE).wsgi_request.user == known


def test_the_second_time_the_address_does_not_matter(client: Client, provider: OidcProvider, known: User) -> None:
    provider.person.userinfo = EMAIL
    come(client)
    provider.person.userinfo = {"email": "married@example.com", "email_verified": True}

    other = Client()
    come(other)

    assert other.get(PAGE).wsgi_request.user == known
    known.refresh_from_db()
    assert known.email == "looker@example.com"
    assert known.has_usable_password()


UNVERIFIED = [
    {"email": "looker@example.com"},
    {"email": "looker@example.com", "email_verified": False},
    {"email": "looker@example.com", "email_verified": "no"},
    {"email": "", "email_verified": True},
    {},
]


@pytest.mark.parametrize("told", UNVERIFIED)
def test_an_address_that_nobody_verified_opens_nothing(
    client: Client, provider: OidcProvider, known: User, told: dict[str, Any]
) -> None:
    provider.person.userinfo = told

    answer = come(client)

    assert answer.status_code == 403
    assert "does not let you in" in text(answer)
    assert not is_in(client)


def test_who_is_unknown_is_not_let_in(client: Client, provider: OidcProvider, known: User) -> None:
    provider.person.userinfo = {"email": "stranger@example.com", "email_verified": True}

    answer = come(client)

    assert answer.status_code == 403
    assert "Nobody here has the e-mail address stranger@example.com." in text(answer)
    assert User.objects.count() == 1


def test_an_address_of_two_people_opens_neither(client: Client, provider: OidcProvider, known: User) -> None:
    User.objects.create_user("twin", email="LOOKER@example.com", is_staff=True)
    provider.person.userinfo = EMAIL

    assert "Several people here" in text(come(client))
    assert not is_in(client)


def test_an_address_that_went_to_somebody_new_there_does_not_open_the_old_ones_user(
    client: Client, provider: OidcProvider, known: User
) -> None:
    provider.person.userinfo = EMAIL
    come(client)

    provider.person = Person(sub="person-2", userinfo=EMAIL)
    other = Client()

    assert come(other).status_code == 403
    assert not is_in(other)


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_who_is_switched_off_here_stays_out(
    client: Client, provider: OidcProvider, known: User, change: dict[str, bool]
) -> None:
    User.objects.update(**change)
    provider.person.userinfo = EMAIL

    assert come(client)["Location"] == "/account/inactive/"
    assert not is_in(client)


# --- Groups ---


@pytest.mark.usefixtures("by_groups")
def test_the_claim_makes_somebody_new_a_member_of_staff_with_its_groups(client: Client, provider: OidcProvider) -> None:
    provider.person.userinfo = {"preferred_username": "grace@corp.example", "given_name": "Grace"}
    provider.person.id_token = {"groups": ["it-retail", "something-else"]}

    assert come(client)["Location"] == "/admin/"

    person = User.objects.get()
    assert (person.username, person.first_name, person.email) == ("grace", "Grace", "")
    assert [group.name for group in person.groups.all()] == ["manager"]
    assert (person.is_staff, person.is_superuser, person.sees_all_stores) == (True, False, False)
    assert not person.has_usable_password()


@pytest.mark.usefixtures("by_groups")
def test_or_without_any(client: Client, provider: OidcProvider) -> None:
    provider.person.userinfo = {"groups": "it-staff"}

    come(client)

    assert not User.objects.get().get_all_permissions()


@pytest.mark.usefixtures("by_groups")
@pytest.mark.parametrize(
    "groups", [["something-else"], [], None, "manager", ["manager"], {"it-retail": 1}, [["it-retail"]], 7]
)
def test_nobody_is_made_whom_the_claim_does_not_name(client: Client, provider: OidcProvider, groups: Any) -> None:
    provider.person.userinfo = EMAIL | {"groups": groups}

    assert come(client).status_code == 403
    assert not User.objects.exists()


@pytest.mark.usefixtures("by_groups")
def test_groups_come_and_go_with_the_claim_but_those_given_by_hand_stay(
    client: Client, provider: OidcProvider, known: User
) -> None:
    known.groups.add(Group.objects.get(name="auditor"))

    def groups_with(*named: str) -> set[str]:
        provider.person.userinfo = EMAIL | {"groups": list(named)}
        come(Client())
        return set(known.groups.values_list("name", flat=True))

    assert groups_with("it-retail", "it-money") == {"auditor", "manager", "finance"}
    assert groups_with("it-money") == {"auditor", "finance"}
    assert groups_with() == {"auditor"}


@pytest.mark.usefixtures("by_groups")
def test_a_name_that_is_taken_is_not_taken_again(client: Client, provider: OidcProvider, known: User) -> None:
    provider.person.userinfo = {"preferred_username": "looker", "groups": ["it-retail"]}

    come(client)

    new = User.objects.exclude(pk=known.pk).get()
    assert new.username.startswith("looker")
    assert new.username != "looker"


# --- Second factor ---


@pytest.mark.usefixtures("factor_is_required")
@pytest.mark.parametrize(
    ("told", "counts"),
    [
        ({"amr": ["pwd", "mfa"]}, True),
        ({"amr": ["pwd"]}, False),
        ({"amr": "mfa"}, False),
        ({"amr": None}, False),
        ({}, False),
        ({"acr": "mfa"}, False),
    ],
)
def test_a_second_factor_that_the_provider_saw_counts_if_it_says_so(
    client: Client, provider: OidcProvider, cashier: User, told: dict[str, Any], counts: bool
) -> None:
    User.objects.update(email="cashier@example.com")
    provider.person = Person(userinfo={"email": "cashier@example.com", "email_verified": True}, id_token=told)

    come(client)

    assert is_in(client)
    assert (client.get(PAGE).status_code == 200) is counts


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("factor_is_required")
def test_who_has_one_here_shows_it_unless_the_provider_saw_one(
    client: Client, provider: OidcProvider, cashier: User
) -> None:
    User.objects.update(email="cashier@example.com")
    cashier.refresh_from_db()
    cashier.set_unusable_password()
    cashier.save()
    provider.person.userinfo = {"email": "cashier@example.com", "email_verified": True}
    come(client)
    # Without a password and without a factor: signing in a moment ago is enough to add one.
    page = text(client.get("/account/second-factor/totp/activate/"))
    secret = SECRET.search(page)
    assert secret
    client.post("/account/second-factor/totp/activate/", {"code": code_of(secret[1])})
    assert client.get(PAGE).status_code == 200

    other = Client()
    assert come(other)["Location"] == "/account/second-factor/authenticate/"
    assert not is_in(other)

    provider.person.id_token = {"amr": ["mfa"]}
    assert come(Client())["Location"] == "/admin/"


def test_what_userinfo_says_about_a_second_factor_is_not_signed_and_not_believed(
    client: Client, provider: OidcProvider, cashier: User, settings: Any
) -> None:
    settings.MFA_REQUIRED_FOR_MONEY = True
    User.objects.update(email="cashier@example.com")
    provider.person.userinfo = {"email": "cashier@example.com", "email_verified": True, "amr": ["mfa"]}

    come(client)

    assert client.get(PAGE).status_code == 302


# --- A provider that lies or fails ---


LIES = [
    {"signs_with": "strangers_key"},
    {"signs_with": "none"},
    {"signs_with": "secret"},
    {"audience": "another-client"},
    {"issuer_in_token": "https://evil.example"},
    {"issuer_in_config": "https://evil.example"},
    {"lifetime": -600},
    {"sends_id_token": False},
    {"broken": "/token"},
    {"broken": "/userinfo"},
    {"broken": "/keys"},
]


@pytest.mark.parametrize("lie", LIES, ids=str)
def test_a_token_that_does_not_hold_opens_nothing(
    client: Client, provider: OidcProvider, known: User, lie: dict[str, Any]
) -> None:
    provider.person.userinfo = EMAIL
    vars(provider).update(lie)

    answer = come(client)

    assert answer.status_code == 401
    assert "did not answer as it should" in text(answer)
    assert not is_in(client)


def test_two_answers_about_different_people_open_nothing(client: Client, provider: OidcProvider, known: User) -> None:
    provider.person.userinfo = EMAIL | {"sub": "somebody-else"}

    assert come(client).status_code == 401
    assert not is_in(client)


@pytest.mark.parametrize(
    "told", [{"sub": None}, {"sub": 7}, {"sub": "x" * 300}, {"sub": ""}, {"email": ["a"], "email_verified": True}]
)
def test_odd_answers_are_refused(client: Client, provider: OidcProvider, known: User, told: dict[str, Any]) -> None:
    provider.person.userinfo = EMAIL | told

    assert come(client).status_code in {401, 403}
    assert not is_in(client)


def test_a_provider_that_is_away_is_said_in_words(client: Client, provider: OidcProvider, settings: Any) -> None:
    provider.broken = "/.well-known"
    assert client.post(START).status_code == 401

    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["server_url"] = "http://127.0.0.1:9"
    answer = client.post(START)
    assert answer.status_code == 401
    assert "Our Directory did not answer as it should" in text(answer)


def test_a_way_back_that_nobody_began_leads_nowhere(client: Client, provider: OidcProvider, known: User) -> None:
    provider.person.userinfo = EMAIL
    there = client.post(START)
    back = urlsplit(requests.get(there["Location"], allow_redirects=False, timeout=5).headers["Location"])

    # Somebody else's browser is made to follow it.
    other = Client()
    assert other.get(f"{back.path}?{back.query}").status_code == 401
    assert not is_in(other)
    assert client.get(f"{back.path}?state=x&code=y").status_code == 401
    assert client.get(back.path).status_code == 401

    assert client.get(f"{back.path}?{back.query}").status_code == 302
    assert client.get(f"{back.path}?{back.query}").status_code == 401


def test_who_turns_back_is_told_so(client: Client, provider: OidcProvider) -> None:
    there = client.post(START)
    state = there["Location"].partition("state=")[2].partition("&")[0]

    answer = client.get(f"{START}callback/?error=access_denied&state={state}", follow=True)

    assert "You turned back" in text(answer)


def test_it_takes_a_click_and_connects_nothing(client: Client, provider: OidcProvider, known: User) -> None:
    assert client.get(START).status_code == 200

    client.force_login(staff_with(username="other"))
    provider.person.userinfo = EMAIL
    assert come(client, process="connect").status_code == 403
    assert come(client, process="redirect").status_code == 403


def test_without_settings_there_is_none(client: Client) -> None:
    assert "oidc" not in text(client.get("/account/login/"))
    for address in (START, f"{START}callback/", "/account/oidc/other/login/"):
        assert client.get(address).status_code == client.post(address).status_code == 404


# --- The only way in ---


def test_when_it_is_the_only_way_no_password_opens(
    client: Client, provider: OidcProvider, known: User, sign_in: SignIn, settings: Any
) -> None:
    settings.SOCIALACCOUNT_ONLY, settings.MFA_PASSKEY_LOGIN_ENABLED = True, False
    settings.EMAIL_URL = "smtp://somewhere"
    settings.ACCOUNT_REAUTHENTICATION_METHODS = {"mfa"}

    page = text(client.get("/account/login/"))
    assert "password" not in page
    assert "Sign in with Our Directory" in page
    assert sign_in(known).status_code == 403
    assert not client.login(username="looker", password="not-a-secret")
    assert client.get("/account/password/reset/").status_code == 404

    provider.person.userinfo = EMAIL
    come(client)
    assert client.get(PAGE).status_code == 200
    assert client.get("/account/password/").status_code == 404
