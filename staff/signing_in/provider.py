"""Talking to the single sign-on's provider (OpenID Connect): its word is checked here, and believed elsewhere."""

import hashlib
import logging
from collections.abc import Callable
from typing import Any

import requests
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

logger = logging.getLogger(__name__)

# What a provider can answer in place of what it should.
_NO_ANSWER = (requests.RequestException, OAuth2Error)
_ODD_ANSWER = (KeyError, TypeError, ValueError, AttributeError, ImproperlyConfigured)


class Provider(OpenIDConnectOAuth2Adapter):
    """Stricter than allauth's: the token's signature is checked although it came over TLS, the issuer is the one that
    we were told, and both answers speak of the same person."""

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        if str(config["issuer"]).rstrip("/") != settings.OIDC_ISSUER:
            raise OAuth2Error("The provider calls itself by another name than OIDC_ISSUER.")
        return config

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **answer: Any) -> SocialLogin:
        if not answer["response"].get("id_token"):
            raise OAuth2Error("The provider sent no ID token.")
        sign_on: SocialLogin = super().complete_login(request, app, token, **answer)
        told = sign_on.account.extra_data
        if told["userinfo"]["sub"] != told["id_token"]["sub"]:
            raise OAuth2Error("The ID token and the user info speak of different people.")
        # Of another issuer the same name means somebody else. What else was told is not kept.
        who = f"{self.openid_config['issuer']}\n{told['id_token']['sub']}"
        sign_on.account.uid = hashlib.sha256(who.encode()).hexdigest()
        sign_on.account.extra_data = {}
        sign_on.told = told
        return sign_on

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        return claims


def _by(view: type[OAuth2LoginView | OAuth2CallbackView]) -> Callable[[HttpRequest, str], HttpResponse]:
    """A page that asks the provider, and says so when that does not answer as it should."""

    def page(request: HttpRequest, provider_id: str) -> HttpResponse:
        provider = Provider(request, provider_id)
        try:
            answer: HttpResponse = view.adapter_view(provider)(request)
        except SocialApp.DoesNotExist as error:
            raise Http404("There is no such single sign-on.") from error
        except (*_NO_ANSWER, *_ODD_ANSWER) as error:
            logger.warning("The single sign-on failed: %s", type(error).__name__)
            answer = render_authentication_error(request, provider.get_provider(), exception=error)
        return answer

    return never_cache(page)


login = _by(OAuth2LoginView)
callback = _by(OAuth2CallbackView)
