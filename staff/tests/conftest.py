from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from core.tests.staff import staff_with
from staff.models import User

SignIn = Callable[..., HttpResponse]


@pytest.fixture
def cashier(db: None) -> User:
    """Somebody who gives money back."""
    person: User = staff_with("orders.view_trip", "payments.request_refund", username="cashier")
    return person


@pytest.fixture
def looker(db: None) -> User:
    """Somebody who only looks."""
    person: User = staff_with("orders.view_trip", username="looker")
    return person


@pytest.fixture
def factor_is_required(settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_MONEY = True


@pytest.fixture
def sign_in(client: Client) -> SignIn:
    """By the page, with the password that `staff_with` gives."""

    def send(who: str | User, password: str = "not-a-secret", *, by: Client = client, **more: Any) -> HttpResponse:
        headers = more.pop("headers", {})
        return by.post("/account/login/", {"login": str(who), "password": password, **more}, headers=headers)

    return send
