"""What the pages of signing in have in common, and how the admin leads to them."""

from collections.abc import Callable
from typing import Any

from allauth.account.views import logout
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from staff.signing_in import second_factor
from staff.signing_in.passwords import can_be_mailed

# Beneath it stand all pages of signing in; jwo_backoffice/urls.py puts them there.
PREFIX = "/account/"
_GO_ON = "go_on_to"


def sign_in_page(**query: str) -> str:
    return f"{reverse('account_login')}?{urlencode(query)}"


def admin_login(request: HttpRequest, **context: Any) -> HttpResponse:
    """In place of the admin's own login: there is one page for signing in."""
    if request.user.is_authenticated:
        raise PermissionDenied(_("You are signed in as %(user)s, who is no member of staff.") % {"user": request.user})
    return redirect(sign_in_page(next=request.GET.get("next", "") or reverse("admin:index")))


def admin_logout(request: HttpRequest) -> HttpResponse:
    """The button in the admin's menu signs out; whoever only opens its address is asked first."""
    if request.method != "POST":
        return redirect("account_logout")
    answer: HttpResponse = logout(request)
    return answer


def or_sign_in(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages of the API that people open, too: who comes without a key is asked to sign in."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "Authorization" in request.headers or request.user.is_authenticated:
            return page(request, *args, **kwargs)
        return redirect(sign_in_page(next=request.get_full_path()))

    return answer


def leads_on_to(request: HttpRequest, path: str) -> None:
    """Where somebody wanted to go before they were asked for a second factor."""
    request.session[_GO_ON] = path


def frame(request: HttpRequest) -> dict[str, Any]:
    """The theme's frame for the pages of signing in, and what they say."""
    if not request.path.startswith(PREFIX):
        return {}
    wanted = request.session.get(_GO_ON, "")
    is_safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return admin.site.each_context(request) | {
        "sign_on_name": _sign_on_name(),
        "can_mail_passwords": can_be_mailed(),
        "uses_passwords": not settings.SOCIALACCOUNT_ONLY,
        "second_factor_is_missing": second_factor.is_missing(request),
        "go_on_to": wanted if is_safe else reverse("admin:index"),
    }


def account_links(request: HttpRequest) -> list[dict[str, str]]:
    """In the menu with the person's name."""
    if not request.user.is_authenticated:
        return []
    links = [
        {"title": _("Second factor"), "link": reverse("mfa_index")},
        {"title": _("Where you are signed in"), "link": reverse("usersessions_list")},
    ]
    if not settings.SOCIALACCOUNT_ONLY and request.user.has_usable_password():
        links.insert(0, {"title": _("Password"), "link": reverse("account_change_password")})
    return links


def _sign_on_name() -> str:
    """Of the single sign-on, or empty."""
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    return str(apps[0]["name"]) if apps else ""
