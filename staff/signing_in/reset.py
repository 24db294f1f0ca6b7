"""For people who have lost what they sign in with."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from staff.models import User


def how_they_sign_in(person: User) -> dict[str, str]:
    kinds = list(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    factors = [
        f"{kinds.count(kind)} × {kind.label}"
        for kind in (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
        if kind in kinds
    ]
    is_known = SocialAccount.objects.filter(user=person).exists()
    return {
        _("Password"): _("yes") if person.has_usable_password() else _("none"),
        _("Second factors"): ", ".join(factors) or _("none"),
        _("Single sign-on"): _("yes") if is_known else _("never used"),
        _("Signed in at"): str(UserSession.objects.filter(user=person).count()),
    }


@transaction.atomic
def forget_how_they_sign_in(person: User) -> None:
    """All but the password; and wherever they are signed in, they are no longer."""
    Authenticator.objects.filter(user=person).delete()
    SocialAccount.objects.filter(user=person).delete()
    for session in UserSession.objects.filter(user=person):
        session.end()
