"""What every page for people passes through on behalf of signing in. Amazon's calls never come here (wsgi.py)."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core.middleware import GetResponse
from staff.signing_in import second_factor, sessions
from staff.signing_in.pages import PREFIX, leads_on_to, sign_in_page


def end_old_sessions(get_response: GetResponse) -> GetResponse:
    """Who was signed in for too long, or away, signs in again. What they were sending is not done but asked again."""

    def answer(request: HttpRequest) -> HttpResponse:
        # Without the cookie there is no session to look at, and a health check costs no query.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return get_response(request)
        if request.user.is_authenticated:  # otherwise the session was ended elsewhere
            reason = sessions.why_it_is_over(request)
            if not reason:
                sessions.note_activity(request)
                return get_response(request)
            logout(request)
            messages.info(request, reason)
        if request.method != "POST" or request.path.startswith((PREFIX, "/api/")):
            return get_response(request)
        messages.info(request, _("What you sent was not done. Your form is filled in again once you have signed in."))
        return redirect(sign_in_page(next=_page_of_the_form(request), draft="kept"))

    return answer


def ask_for_second_factor(get_response: GetResponse) -> GetResponse:
    """Whoever moves money sees no page but those of signing in before a second factor (MFA_REQUIRED_FOR_MONEY)."""

    def answer(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not second_factor.is_missing(request):
            return get_response(request)
        if request.path.startswith(PREFIX):
            return get_response(request)
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": "Sign in with a second factor first."}, status=403)
        leads_on_to(request, request.get_full_path() if request.method == "GET" else "")
        return redirect("mfa_index")

    return answer


def _page_of_the_form(request: HttpRequest) -> str:
    """Where the form stood, if the browser says so: it may have been sent to an address that only takes forms."""
    try:
        came_from = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # no address at all
        return request.get_full_path()
    is_ours = came_from.netloc == request.get_host()
    return (came_from._replace(scheme="", netloc="").geturl() if is_ours else "") or request.get_full_path()
