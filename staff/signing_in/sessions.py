"""When a session ends: some hours after signing in, and some minutes after the last page that somebody opened."""

import time
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

BEGAN, LAST_SEEN = "signed_in_at", "seen_at"
# A session is written once in so many seconds, not with each page.
NOTED_EVERY = 60


def why_it_is_over(request: HttpRequest) -> str:
    """For the person, or empty. A session of which nobody knows when it began is over as well."""
    now, session = time.time(), request.session
    if now - session.get(BEGAN, 0) > settings.SESSION_COOKIE_AGE:
        return _("You were signed out: signing in lasts %(value)s hours.") % {
            "value": settings.SESSION_COOKIE_AGE // 3600
        }
    if now - session.get(LAST_SEEN, 0) > settings.SESSION_IDLE_SECONDS:
        return _("You were signed out, because nothing happened for %(value)s minutes.") % {
            "value": settings.SESSION_IDLE_SECONDS // 60
        }
    return ""


def note_activity(request: HttpRequest) -> None:
    """Somebody opens a page or sends a form. What a page fetches by itself says nothing about anybody being there."""
    is_fetched = request.method == "GET" and request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
    if not is_fetched and time.time() - request.session[LAST_SEEN] > NOTED_EVERY:
        request.session[LAST_SEEN] = time.time()


def seconds_since_signing_in(request: HttpRequest) -> float:
    began: float = request.session.get(BEGAN, 0)
    return time.time() - began


def forget_ended_sessions() -> int:
    """Delete the sessions that are over, and where they were. Returns how many."""
    deleted, _by_model = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return deleted


def _begin(request: HttpRequest, **who: Any) -> None:
    request.session[BEGAN] = request.session[LAST_SEEN] = time.time()


def connect() -> None:
    user_logged_in.connect(_begin)
