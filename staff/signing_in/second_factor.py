"""Who needs a second factor, and whether this session has seen one.

The session remembers it, so that asking costs no query. It names the person, since a session may have begun with
somebody else.
"""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_used
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from django.conf import settings
from django.http import HttpRequest

from staff.models import User
from staff.money_rights import moves_money

SEEN = "second_factor_of"
# Recovery codes come with one of these and stand in for it.
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def is_missing(request: HttpRequest) -> bool:
    """Whether this person has to show a second factor before any page of the staff's."""
    if not (settings.MFA_REQUIRED_FOR_MONEY and request.user.is_authenticated):
        return False
    return not was_seen(request) and moves_money(request.user)


def was_seen(request: HttpRequest) -> bool:
    return bool(request.session.get(SEEN) == str(request.user.pk))


def remember(request: HttpRequest, person: User) -> None:
    request.session[SEEN] = str(person.pk)


def has_one(person: User) -> bool:
    return bool(is_mfa_enabled(person, FACTORS))


def _used(request: HttpRequest, user: User, **what: Any) -> None:
    remember(request, user)


def _added(request: HttpRequest, user: User, authenticator: Authenticator, **what: Any) -> None:
    """Adding one shows that it is there. Sessions that began without it end: they may be somebody else's."""
    if authenticator.type in FACTORS:
        remember(request, user)
        end_other_sessions(request, user)


def _removed(request: HttpRequest, user: User, **what: Any) -> None:
    if not has_one(user):
        request.session.pop(SEEN, None)


def connect() -> None:
    authenticator_used.connect(_used)
    authenticator_added.connect(_added)
    authenticator_removed.connect(_removed)
