"""What allauth asks us: who may sign in, when they show themselves anew, what a second factor looks like."""

import base64
import hashlib
import ipaddress
import logging
import secrets
from smtplib import SMTPException
from typing import Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Conflict
from core.languages import english
from core.reasons import because
from staff.models import User
from staff.signing_in import second_factor, sessions, single_sign_on
from staff.signing_in.stages import saw_second_factor

logger = logging.getLogger(__name__)


class Accounts(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": gettext_lazy("No user has this name and this password."),
        "email_password_mismatch": gettext_lazy("No user has this e-mail address and this password."),
        "too_many_login_attempts": gettext_lazy("That was wrong too often. Wait five minutes, and try again."),
        "incorrect_code": gettext_lazy("This code is wrong, or was used already."),
        "incorrect_password": gettext_lazy("This is not your password."),
        "enter_current_password": gettext_lazy("This is not your password."),
        "rate_limited": gettext_lazy("That was too often. Wait a minute, and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse | None:
        """Nobody but staff has anything to do here."""
        if not user.is_staff:
            logout(request)
            refusal: HttpResponse = self.respond_user_inactive(request, user)
            return refusal
        answer: HttpResponse | None = super().pre_login(request, user, **how)
        return answer

    def post_login(
        self, request: HttpRequest, user: User, *, signal_kwargs: dict[str, Any] | None, **how: Any
    ) -> HttpResponse:
        if saw_second_factor(signal_kwargs):
            second_factor.remember(request, user)
        answer: HttpResponse = super().post_login(request, user, signal_kwargs=signal_kwargs, **how)
        return answer

    def get_login_stages(self) -> list[str]:
        return ["staff.signing_in.stages.SecondFactorStage"]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who signed in a moment ago has just shown who they are, with their second factor if they have one."""
        request = context.request
        if sessions.seconds_since_signing_in(request) > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return True
        return second_factor.has_one(request.user) and not second_factor.was_seen(request)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """The second factor, for those who have one: a password alone must not change it. Who has neither signs in
        anew with the single sign-on."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        with_factor = [method for method in methods if method["id"].startswith("mfa")]
        if with_factor or methods or not settings.OIDC_ISSUER:
            return with_factor or methods
        again = reverse("openid_connect_login", args=["sso"])
        return [{"id": "sign_on", "description": _("Sign in again"), "url": again}]

    def is_safe_url(self, url: str) -> bool:
        try:
            return bool(super().is_safe_url(url))
        except ValueError:  # no address at all
            return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the outermost of our proxies saw; without proxies the connection's. Never an error: whose
        address cannot be told shares one with others like them."""
        seen_by_proxies = request.headers.get("X-Forwarded-For", "").split(",")
        if 0 < settings.TRUSTED_PROXIES <= len(seen_by_proxies):
            address = seen_by_proxies[-settings.TRUSTED_PROXIES].strip()
        else:
            address = request.META.get("REMOTE_ADDR", "")
        try:
            return str(ipaddress.ip_address(address))
        except ValueError:
            return "::"

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Not to people without a password: it would be a way around the single sign-on."""
        if user.has_usable_password():
            super().send_password_reset_mail(user, email, context)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """What was done stays done when the mail server is away."""
        try:
            with english():
                super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError) as error:
            logger.warning("The mail %s was not sent: %s", template_prefix, error)


class SecondFactors(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("This code is wrong, or was used already."),
        "cannot_generate_recovery_codes": gettext_lazy("Recovery codes are for people with a second factor."),
    }

    def build_totp_svg(self, url: str) -> str:
        svg: str = segno.make(url, error="m").svg_inline(border=2, omitsize=True)
        return svg

    def generate_authenticator_name(self, user: User, type: str) -> str:
        before = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {before + 1}" if before else "Passkey"

    def encrypt(self, text: str) -> str:
        """A copy of the database must not be a second factor."""
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What cannot be read, since SECRET_KEY has changed, becomes a secret that nobody knows: it matches nothing."""
        try:
            return _vault().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            logger.error("A second factor cannot be read: SECRET_KEY has changed. See docs/operations.md.")
            return base64.b32encode(secrets.token_bytes(20)).decode()


class SingleSignOn(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Whoever is let in is found or made before (single_sign_on)."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        told = sociallogin.told
        try:
            if sociallogin.state.get("process") != "login":
                raise Conflict(_("Single sign-on is for signing in, and for nothing else."))
            with transaction.atomic(), because("single sign-on"):
                person = single_sign_on.find_or_make(sociallogin, told["id_token"], told["userinfo"])
                if not sociallogin.is_existing:
                    sociallogin.user = person
                    sociallogin.save(request, connect=True)
        except Conflict as refusal:
            page = render(request, "socialaccount/refused.html", {"reason": refusal.message}, status=403)
            raise ImmediateHttpResponse(page) from refusal
        methods = told["id_token"].get("amr")
        sociallogin.state["saw_second_factor"] = isinstance(methods, list) and single_sign_on.MFA in methods


def _vault() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"second factors:" + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
