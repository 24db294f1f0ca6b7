"""Who comes by single sign-on: what the provider's word is worth here, and whose session it opens."""

import logging
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.internal.datakit import parse_bool_safely
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import settings
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from core.errors import Conflict
from staff.models import User

Claims = dict[str, Any]

# So a provider says that it saw a second factor (RFC 8176).
MFA = "mfa"

logger = logging.getLogger(__name__)


def find_or_make(sign_on: SocialLogin, id_token: Claims, userinfo: Claims) -> User:
    """Whom the provider's word opens a session for, with the groups that it names. Raises Conflict for anybody else."""
    names = _named_groups(id_token | userinfo)
    person = sign_on.user if sign_on.is_existing else None
    if person is None:
        email = _verified_email(userinfo) or _verified_email(id_token)
        person = _known_by(email) or _new(id_token | userinfo, email, names)
        if SocialAccount.objects.filter(user=person, provider=sign_on.account.provider).exists():
            raise Conflict(
                _("%(email)s belongs to somebody here who comes with another account of the same provider.")
                % {"email": email}
            )
    if settings.OIDC_GROUPS_CLAIM:
        _give_groups(person, names or set())
    return person


def _verified_email(claims: Claims) -> str:
    """Only one that the provider has verified: anybody can claim an address."""
    is_verified = parse_bool_safely(claims.get("email_verified"))
    return str(claims.get("email") or "").strip() if is_verified else ""


def _known_by(email: str) -> User | None:
    people = list(User.objects.filter(email__iexact=email)[:2]) if email else []
    if len(people) > 1:
        raise Conflict(_("Several people here have the e-mail address %(email)s.") % {"email": email})
    return people[0] if people else None


def _new(claims: Claims, email: str, names: set[str] | None) -> User:
    if names is None:
        if email:
            raise Conflict(_("Nobody here has the e-mail address %(email)s.") % {"email": email})
        raise Conflict(_("Nobody here is known by an e-mail address that it has verified."))
    person = User(email=email, is_staff=True)
    person.first_name = str(claims.get("given_name") or "")[:150]
    person.last_name = str(claims.get("family_name") or "")[:150]
    known_as = [claims.get("preferred_username"), email, claims.get("name")]
    person.username = get_adapter().generate_unique_username([str(name) for name in known_as if name])
    person.set_unusable_password()
    person.save()
    return person


def _named_groups(claims: Claims) -> set[str] | None:
    """Our groups that the claim names, or None: by the claim this is nobody who works here."""
    named = claims.get(settings.OIDC_GROUPS_CLAIM) if settings.OIDC_GROUPS_CLAIM else None
    values = named if isinstance(named, list) else [named]
    ours = [settings.OIDC_GROUPS[value] for value in values if isinstance(value, str) and value in settings.OIDC_GROUPS]
    return set(filter(None, ours)) if ours else None


def _give_groups(person: User, names: set[str]) -> None:
    """The groups that OIDC_GROUPS speaks of come and go with the claim; others were given by hand and stay."""
    spoken_of = set(filter(None, settings.OIDC_GROUPS.values()))
    groups = {group.name: group for group in Group.objects.filter(name__in=spoken_of)}
    if missing := spoken_of - groups.keys():
        logger.error("OIDC_GROUPS names groups that do not exist: %s", ", ".join(sorted(missing)))
    person.groups.remove(*(group for name, group in groups.items() if name not in names))
    person.groups.add(*(group for name, group in groups.items() if name in names))
