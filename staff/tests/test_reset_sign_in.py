"""Somebody has lost their telephone: what others do for them, and who may."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from core.tests.staff import staff_with
from staff.models import User
from staff.tests.conftest import SignIn
from staff.tests.test_second_factor import add_app

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("factor_is_required")]

PAGE = "/admin/orders/trip/"


def reset_of(person: User) -> str:
    return f"/admin/staff/user/{person.pk}/reset-sign-in/"


@pytest.fixture
def lost(client: Client, cashier: User, sign_in: SignIn) -> User:
    """Signed in, with a second factor."""
    sign_in(cashier)
    add_app(client)
    assert client.get(PAGE).status_code == 200
    return cashier


@pytest.fixture
def boss(settings: Any, django_user_model: Any) -> Client:
    settings.MFA_REQUIRED_FOR_MONEY = False
    browser = Client()
    browser.force_login(django_user_model.objects.create_superuser("boss", password="not-a-secret"))
    return browser


def test_whoever_may_manage_them_resets_it_and_they_begin_anew(
    client: Client, lost: User, boss: Client, sign_in: SignIn, settings: Any
) -> None:
    assert f'href="{reset_of(lost)}"' in boss.get(f"/admin/staff/user/{lost.pk}/change/").content.decode()
    asked = boss.get(reset_of(lost)).content.decode()
    assert "Reset how cashier signs in?" in asked
    assert "1 × TOTP" in asked
    assert Authenticator.objects.filter(user=lost).count() == 2

    boss.post(reset_of(lost))

    assert not Authenticator.objects.filter(user=lost).exists()
    assert client.get(PAGE)["Location"].startswith("/admin/login/")
    settings.MFA_REQUIRED_FOR_MONEY = True
    assert sign_in(lost)["Location"] == "/admin/"
    assert client.get(PAGE)["Location"] == "/account/second-factor/"


def test_it_takes_the_right_and_more_rights_than_theirs(lost: User, boss: Client) -> None:
    browser = Client()
    for rights in ([], ["staff.view_user"], ["staff.view_user", "staff.change_user"]):
        User.objects.filter(username="clerk").delete()
        browser.force_login(staff_with(*rights))
        assert browser.post(reset_of(lost)).status_code == 403

    assert Authenticator.objects.filter(user=lost).count() == 2
    assert Client().post(reset_of(lost))["Location"].startswith("/admin/login/")


def test_nobody_does_it_to_themselves(boss: Client) -> None:
    me = User.objects.get(username="boss")

    assert boss.get(reset_of(me)).status_code == boss.post(reset_of(me)).status_code == 403
    assert reset_of(me) not in boss.get(f"/admin/staff/user/{me.pk}/change/").content.decode()


def test_secrets_have_no_page_in_the_admin(boss: Client) -> None:
    for model in ("mfa/authenticator", "account/emailaddress", "socialaccount/socialapp", "usersessions/usersession"):
        assert boss.get(f"/admin/{model}/").status_code == 404


def test_when_nobody_can_sign_in_the_command_helps(client: Client, lost: User, capsys: Any) -> None:
    call_command("reset_sign_in", "cashier")

    assert "reset" in capsys.readouterr().out
    assert not Authenticator.objects.filter(user=lost).exists()
    assert client.get(PAGE)["Location"].startswith("/admin/login/")
    with pytest.raises(CommandError, match="There is no user nobody"):
        call_command("reset_sign_in", "nobody")
