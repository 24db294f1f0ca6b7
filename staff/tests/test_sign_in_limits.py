"""Nobody guesses passwords here for long."""

from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from core.shared_cache import SharedCache
from staff.models import User
from staff.tests.conftest import SignIn

pytestmark = pytest.mark.django_db

TOO_OFTEN = "That was wrong too often. Wait five minutes"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_after_five_wrong_passwords_not_even_the_right_one_opens_for_five_minutes(
    client: Client, looker: User, sign_in: SignIn
) -> None:
    with time_machine.travel("2026-11-27T12:00:00Z", tick=False) as clock:
        # Each from another address: the limit is the user's.
        for number in range(5):
            assert TOO_OFTEN not in text(client.post(*_attempt("looker", "wrong"), REMOTE_ADDR=f"10.0.0.{number}"))

        assert TOO_OFTEN in text(sign_in(looker))
        clock.shift(301)
        assert sign_in(looker)["Location"] == "/admin/"


def test_others_are_not_kept_out_meanwhile(looker: User, cashier: User, sign_in: SignIn) -> None:
    for _ in range(6):
        sign_in(looker, "wrong")

    assert sign_in(cashier)["Location"] == "/admin/"


def test_an_address_that_tries_one_user_after_the_other_is_stopped(client: Client, looker: User) -> None:
    for number in range(10):
        client.post(*_attempt(f"guess-{number}", "wrong"))

    assert TOO_OFTEN in text(client.post(*_attempt("looker", "not-a-secret")))
    assert client.post(*_attempt("looker", "not-a-secret"), REMOTE_ADDR="10.0.0.1").status_code == 302


def test_whoever_signs_in_again_and_again_is_asked_to_wait(client: Client, looker: User, sign_in: SignIn) -> None:
    for _ in range(30):
        sign_in(looker)
        client.post("/account/logout/")

    answer = sign_in(looker)

    assert answer.status_code == 429
    assert "Wait a minute" in text(answer)


@pytest.mark.parametrize("forwarded", ["10.9.9.{}", "10.9.9.{}, 203.0.113.7", "junk {}"])
def test_a_header_about_the_address_is_not_believed_unasked(client: Client, looker: User, forwarded: str) -> None:
    for number in range(10):
        headers = {"X-Forwarded-For": forwarded.format(number)}
        client.post(*_attempt(f"guess-{number}", "wrong"), headers=headers)

    answer = client.post(*_attempt("looker", "not-a-secret"), headers={"X-Forwarded-For": forwarded.format(99)})

    assert TOO_OFTEN in text(answer)


def test_behind_a_proxy_the_address_is_the_one_that_it_saw(client: Client, looker: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1

    def attempt(login: str, password: str, forwarded: str) -> Any:
        return client.post(*_attempt(login, password), headers={"X-Forwarded-For": forwarded})

    # What stands left of it is the guesser's own invention.
    for number in range(10):
        attempt(f"guess-{number}", "wrong", f"10.9.9.{number}, 203.0.113.7")

    assert TOO_OFTEN in text(attempt("looker", "not-a-secret", "10.9.9.99, 203.0.113.7"))
    assert attempt("looker", "not-a-secret", "203.0.113.8").status_code == 302


@pytest.mark.parametrize("forwarded", ["", "junk", ",", "203.0.113.7", "1.2.3.4, ☃", "a" * 4000])
def test_a_header_that_does_not_fit_is_no_error(client: Client, looker: User, settings: Any, forwarded: str) -> None:
    settings.TRUSTED_PROXIES = 2

    answer = client.post(*_attempt("looker", "not-a-secret"), headers={"X-Forwarded-For": forwarded})

    assert answer.status_code == 302


def test_without_any_address_one_can_sign_in_all_the_same(client: Client, looker: User) -> None:
    """Behind a socket file there is none."""
    assert client.post(*_attempt("looker", "not-a-secret"), REMOTE_ADDR="").status_code == 302


@pytest.fixture
def redis_is_away(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SharedCache, "_away_until", 0.0)
    options = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
    nobody = "redis://127.0.0.1:9/0"
    settings.CACHES = {"default": {"BACKEND": "core.shared_cache.SharedCache", "LOCATION": nobody, "OPTIONS": options}}


@pytest.mark.usefixtures("redis_is_away")
def test_when_redis_is_away_people_sign_in_and_guesses_are_counted(looker: User, sign_in: SignIn) -> None:
    assert sign_in(looker)["Location"] == "/admin/"
    for _ in range(5):
        sign_in(looker, "wrong", by=Client())

    assert TOO_OFTEN in text(sign_in(looker, by=Client()))
    cache.delete("x")


def _attempt(login: str, password: str) -> tuple[str, dict[str, str]]:
    return "/account/login/", {"login": login, "password": password}
