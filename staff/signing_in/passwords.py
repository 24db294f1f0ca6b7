"""Passwords, passkeys and links by mail, where they are used."""

from collections.abc import Callable
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from staff.models import User

Page = Callable[..., HttpResponse]


class PasswordBackend(AuthenticationBackend):
    """User name or e-mail address with a password. With OIDC_ONLY no password opens."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        if settings.SOCIALACCOUNT_ONLY:
            return None
        person: User | None = super().authenticate(request, **credentials)
        return person


def can_be_mailed() -> bool:
    """Whether somebody who forgot their password can be sent a link."""
    return bool(settings.EMAIL_URL) and not settings.SOCIALACCOUNT_ONLY


def with_a_password(page: Page) -> Page:
    """The page is there for people with a password; who comes by single sign-on has none to change."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if settings.SOCIALACCOUNT_ONLY:
            raise Http404("No passwords are used here.")
        if request.user.is_authenticated and not request.user.has_usable_password():
            raise Http404("You have no password here: you sign in by single sign-on.")
        return page(request, *args, **kwargs)

    return answer


def by_passkey(page: Page) -> Page:
    """The page is there where a passkey opens: not with OIDC_ONLY."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.MFA_PASSKEY_LOGIN_ENABLED:
            raise Http404("No passkey signs in here.")
        return page(request, *args, **kwargs)

    return answer


def by_mail(page: Page) -> Page:
    """The page is there where mails are sent."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can_be_mailed():
            raise Http404("No mail is sent here: whoever manages the users can set a new password.")
        return page(request, *args, **kwargs)

    return answer
