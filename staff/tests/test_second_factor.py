"""Whoever moves money shows more than a password."""

import json
import logging
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from core.tests.staff import staff_with
from staff.groups import GROUPS
from staff.models import User
from staff.money_rights import MOVES_MONEY
from staff.tests.authenticators import SECRET, code_of, wrong_code_of
from staff.tests.conftest import SignIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("factor_is_required")]

PAGE = "/admin/orders/trip/"
HUB = "/account/second-factor/"


def add_app(client: Client) -> tuple[str, list[str]]:
    """The app's secret, and the recovery codes."""
    page = client.get(f"{HUB}totp/activate/").content.decode()
    secret = SECRET.search(page)
    assert secret, page
    answer = client.post(f"{HUB}totp/activate/", {"code": code_of(secret[1])}, follow=True)
    codes = answer.content.decode().partition('id="codes">')[2].partition("</pre>")[0].split()
    return secret[1], codes


@pytest.fixture
def half_minutes_pass() -> Any:
    """A code opens once: the next one takes another half minute."""
    with time_machine.travel(0, tick=False) as clock:
        clock.move_to("2026-11-27T12:00:00Z")
        yield lambda: clock.shift(60)


# --- Who has to ---


def test_who_moves_money_is_led_to_add_one_and_told_why(client: Client, cashier: User, sign_in: SignIn) -> None:
    answer = sign_in(cashier, next=f"{PAGE}?q=1")
    assert answer["Location"] == f"{PAGE}?q=1"

    answer = client.get(f"{PAGE}?q=1", follow=True)

    assert answer.redirect_chain == [(HUB, 302)]
    page = answer.content.decode()
    assert "You may move money here" in page
    assert "Add a second factor to go on" in page


def test_with_one_they_are_where_they_wanted_to_be(client: Client, cashier: User, sign_in: SignIn) -> None:
    sign_in(cashier)
    client.get(f"{PAGE}?q=1")

    _, codes = add_app(client)

    assert len(set(codes)) == 10
    # The page with the codes leads on.
    assert client.get(f"{PAGE}?q=1").status_code == 200
    assert f'href="{PAGE}?q=1"' in client.get(HUB).content.decode()


def test_who_only_looks_needs_none(client: Client, looker: User, sign_in: SignIn) -> None:
    sign_in(looker)

    assert client.get(PAGE).status_code == 200


def test_the_admin_of_everything_needs_one(client: Client, admin_user: User, sign_in: SignIn) -> None:
    sign_in(admin_user, "password")

    assert client.get("/admin/")["Location"] == HUB


def test_it_can_be_switched_off(client: Client, cashier: User, sign_in: SignIn, settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_MONEY = False
    sign_in(cashier)

    assert client.get(PAGE).status_code == 200


def test_a_right_that_is_given_later_asks_for_one_at_once(client: Client, looker: User, sign_in: SignIn) -> None:
    sign_in(looker)
    assert client.get(PAGE).status_code == 200

    looker.user_permissions.add(Permission.objects.get(codename="request_refund"))

    assert client.get(PAGE)["Location"] == HUB


def _addresses(resolver: URLResolver, prefix: str = "") -> list[str]:
    found = []
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += _addresses(pattern, route)
        elif isinstance(pattern, URLPattern) and "(?P" not in route:
            found.append(route.replace("<int:", "1<").replace("<str:", "x<").replace("<path:", "1<"))
    return found


def test_no_page_of_the_staffs_opens_without_one(client: Client, admin_user: User) -> None:
    client.force_login(admin_user)
    routes = [route for route in _addresses(get_resolver()) if route.startswith(("admin/", "reports/"))]
    assert len(routes) > 50

    for route in routes:
        path = "/" + "/".join(part.partition("<")[0] if "<" in part else part for part in route.split("/"))
        for answer in (client.get(path), client.post(path)):
            assert (answer.status_code, answer["Location"]) == (302, HUB), path


def test_no_api_answers_a_session_without_one(client: Client, cashier: User, sign_in: SignIn) -> None:
    sign_in(cashier)

    for path in ("/api/v1/trips/", "/api/schema/", "/api/docs/"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (403, {"detail": "Sign in with a second factor first."})
    # The retailer's systems have no session.
    assert Client().get("/api/v1/trips/", headers={"Authorization": "Bearer test-read-key"}).status_code == 200


def test_asking_costs_no_query(client: Client, looker: User, settings: Any) -> None:
    """The rights that it looks at are those that the page reads anyway."""
    client.force_login(looker)

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(PAGE).status_code == 200
        return len(seen)

    statements()
    asked = statements()
    settings.MFA_REQUIRED_FOR_MONEY = False
    assert asked == statements()


def test_the_rights_that_move_money_exist_and_no_other_acts_on_it() -> None:
    """A new right of payments or orders is either in the list, or here, with the reason in its comment."""
    rows = Permission.objects.select_related("content_type")
    assert {f"{row.content_type.app_label}.{row.codename}" for row in rows} >= MOVES_MONEY

    harmless = {
        "orders.add_note",
        "orders.mark_seen",
        "payments.open_contestedcart",  # somebody else decides
        "payments.reconcile",  # compares
        "payments.resend_feedbackreport",  # tells Amazon again what it was told
        "payments.resend_receipt",  # sends the same receipt
        "payments.view_all_bulkjobs",
    }
    acts = {
        f"{model._meta.app_label}.{codename}"
        for model in apps.get_models()
        if model._meta.app_label in {"orders", "payments"}
        for codename, _ in model._meta.permissions
    }
    assert acts - harmless - MOVES_MONEY == set()


def test_of_the_groups_those_that_only_look_need_none() -> None:
    needing = {name for name, rights in GROUPS.items() if rights & MOVES_MONEY}

    assert needing == {"associate", "manager", "finance", "integrator"}


# --- Showing it ---


def test_the_next_time_the_password_alone_opens_nothing(
    client: Client, cashier: User, sign_in: SignIn, half_minutes_pass: Any
) -> None:
    sign_in(cashier)
    secret, _ = add_app(client)
    client.post("/account/logout/")
    half_minutes_pass()

    assert sign_in(cashier, next=PAGE)["Location"] == f"{HUB}authenticate/"
    assert client.get(PAGE)["Location"].startswith("/admin/login/")
    wrong = client.post(f"{HUB}authenticate/", {"code": wrong_code_of(secret)})
    assert "This code is wrong" in wrong.content.decode()

    assert client.post(f"{HUB}authenticate/", {"code": code_of(secret)})["Location"] == PAGE
    assert client.get(PAGE).status_code == 200


def test_a_code_opens_once(client: Client, cashier: User, sign_in: SignIn, half_minutes_pass: Any) -> None:
    sign_in(cashier)
    secret, _ = add_app(client)
    half_minutes_pass()
    code = code_of(secret)

    for opens in (True, False):
        client.post("/account/logout/")
        sign_in(cashier)
        answer = client.post(f"{HUB}authenticate/", {"code": code})
        assert (answer.status_code == 302) is opens


def test_a_recovery_code_opens_once(client: Client, cashier: User, sign_in: SignIn) -> None:
    sign_in(cashier)
    _, codes = add_app(client)

    for opens in (True, False):
        client.post("/account/logout/")
        sign_in(cashier)
        answer = client.post(f"{HUB}authenticate/", {"code": codes[3]})
        assert (answer.status_code == 302) is opens
        assert (client.get(PAGE).status_code == 200) is opens


def test_recovery_codes_are_shown_once(client: Client, cashier: User, sign_in: SignIn) -> None:
    sign_in(cashier)
    _, codes = add_app(client)

    again = client.get(f"{HUB}recovery-codes/").content.decode()
    assert not [code for code in codes if code in again]
    assert client.get(f"{HUB}recovery-codes/download/").status_code == 403

    new = client.post(f"{HUB}recovery-codes/generate/", follow=True).content.decode()
    assert new.count("</pre>") == 1
    assert not [code for code in codes if code in new]


@pytest.mark.parametrize("junk", ["", "\0", "٠١٢٣٤٥", "1" * 5000, "12 34 56 78 90"])
def test_junk_in_place_of_a_code_is_refused(client: Client, cashier: User, sign_in: SignIn, junk: str) -> None:
    sign_in(cashier)
    add_app(client)
    client.post("/account/logout/")
    sign_in(cashier)

    answer = client.post(f"{HUB}authenticate/", {"code": junk})

    assert answer.status_code == 200
    assert client.get(PAGE).status_code == 302


def test_the_codes_are_limited_too(client: Client, cashier: User, sign_in: SignIn, half_minutes_pass: Any) -> None:
    sign_in(cashier)
    secret, _ = add_app(client)
    client.post("/account/logout/")
    half_minutes_pass()
    sign_in(cashier)

    for _ in range(5):
        client.post(f"{HUB}authenticate/", {"code": wrong_code_of(secret)})
    answer = client.post(f"{HUB}authenticate/", {"code": code_of(secret)})

    assert "too often" in answer.content.decode()
    assert client.get(PAGE).status_code == 302


def test_what_somebody_else_showed_in_this_browser_counts_for_nobody_else(client: Client, cashier: User) -> None:
    boss = staff_with("orders.view_trip", "payments.approve_refund", username="boss")
    client.force_login(boss)
    session = client.session
    session["second_factor_of"] = str(cashier.pk)
    session.save()

    assert client.get(PAGE)["Location"] == HUB


# --- Changing it ---


def test_adding_one_signs_out_everywhere_else(client: Client, cashier: User, sign_in: SignIn) -> None:
    """Somebody else who has the password may be signed in already."""
    elsewhere = Client()
    sign_in(cashier, by=elsewhere)
    sign_in(cashier)
    assert elsewhere.get(HUB).status_code == 200

    add_app(client)

    assert elsewhere.get(HUB)["Location"].startswith("/account/login/")


def test_some_time_after_signing_in_changing_it_takes_the_password(
    client: Client, cashier: User, sign_in: SignIn, half_minutes_pass: Any
) -> None:
    sign_in(cashier)
    for _ in range(6):
        half_minutes_pass()

    assert client.get(f"{HUB}totp/activate/")["Location"].startswith("/account/reauthenticate/?next=")
    assert client.post("/account/reauthenticate/", {"password": "wrong"}).status_code == 200
    assert client.get(f"{HUB}totp/activate/").status_code == 302

    client.post("/account/reauthenticate/", {"password": "not-a-secret"})
    assert client.get(f"{HUB}totp/activate/").status_code == 200


def test_the_password_alone_does_not_change_one_that_is_there(
    client: Client, cashier: User, sign_in: SignIn, half_minutes_pass: Any
) -> None:
    sign_in(cashier)
    secret, _ = add_app(client)
    for _ in range(6):
        half_minutes_pass()

    asked = client.get(f"{HUB}webauthn/add/")
    assert asked["Location"].startswith(f"{HUB}reauthenticate/?next=")
    password = client.post("/account/reauthenticate/", {"password": "not-a-secret"})
    assert password["Location"].startswith(f"{HUB}reauthenticate/")
    assert client.get(f"{HUB}webauthn/add/").status_code == 302

    client.post(f"{HUB}reauthenticate/", {"code": code_of(secret)})
    assert client.get(f"{HUB}webauthn/add/").status_code == 200


def test_a_session_from_before_must_show_the_one_that_is_there(
    client: Client, cashier: User, sign_in: SignIn, half_minutes_pass: Any
) -> None:
    """Such as one that was restored with a backup of the database."""
    sign_in(cashier)
    secret, _ = add_app(client)
    half_minutes_pass()
    before = Client()
    before.force_login(cashier)

    assert "Show your second factor to go on" in before.get(PAGE, follow=True).content.decode()
    assert before.get(f"{HUB}totp/deactivate/")["Location"].startswith(f"{HUB}reauthenticate/")
    assert before.get(f"{HUB}webauthn/add/")["Location"].startswith(f"{HUB}reauthenticate/")

    before.post(f"{HUB}reauthenticate/", {"code": code_of(secret)})
    assert before.get(PAGE).status_code == 200


def test_who_removes_the_last_one_adds_another_before_anything_else(
    client: Client, cashier: User, sign_in: SignIn
) -> None:
    sign_in(cashier)
    add_app(client)
    assert client.get(PAGE).status_code == 200

    client.post(f"{HUB}totp/deactivate/")

    assert not Authenticator.objects.exists()
    assert client.get(PAGE)["Location"] == HUB


# --- Keeping it ---


def test_a_copy_of_the_database_is_no_second_factor(client: Client, cashier: User, sign_in: SignIn) -> None:
    sign_in(cashier)
    secret, _ = add_app(client)

    app = Authenticator.objects.get(type="totp")

    assert secret not in json.dumps(app.data)


def test_after_a_change_of_the_secret_key_no_code_opens(
    client: Client,
    cashier: User,
    sign_in: SignIn,
    settings: Any,
    half_minutes_pass: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sign_in(cashier)
    secret, codes = add_app(client)
    half_minutes_pass()
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    browser = Client()

    def opens(code: str) -> bool:
        sign_in(cashier, by=browser)
        return bool(browser.post(f"{HUB}authenticate/", {"code": code}).status_code == 302)

    with caplog.at_level(logging.ERROR):
        assert not opens(code_of(secret))
        assert not opens(codes[0])
    assert "SECRET_KEY has changed" in caplog.text

    settings.SECRET_KEY_FALLBACKS = [old]
    assert opens(code_of(secret))
