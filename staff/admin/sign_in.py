"""What somebody else does about how a person signs in; the person's own pages are those of staff.signing_in."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import ConfirmView
from core.languages import Words
from staff.models import User
from staff.signing_in.reset import forget_how_they_sign_in, how_they_sign_in

# allauth brings pages for these, which show secrets, and would let people be signed in by hand.
for hidden in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession):
    admin.site.unregister(hidden)


class ResetSignIn(ConfirmView):
    """For somebody who has lost their telephone: they add a second factor anew. Nobody does it to themselves."""

    right = "staff.change_user"
    url_name = "reset_sign_in"
    title = gettext_lazy("Reset signing in")
    row: User

    def find(self, pk: int | str) -> Any:
        person = super().find(pk)
        if person == self.request.user or not self.model_admin.has_change_permission(self.request, person):
            raise PermissionDenied(_("You may do this to people who may do less than you, and not to yourself."))
        return person

    def question(self) -> dict[str, Any]:
        return {
            "question": _("Reset how %(row)s signs in?") % {"row": self.row},
            "facts": how_they_sign_in(self.row).items(),
            "explanation": _(
                "They are signed out everywhere. Second factors, recovery codes and the link to the single "
                "sign-on are forgotten; the password stays. Do this only when you know that it is them who ask."
            ),
            "button": _("Reset"),
        }

    def act(self, actor: str) -> Words:
        forget_how_they_sign_in(self.row)
        return format_lazy(
            gettext_lazy("Signing in of {row} reset. They add a second factor when they sign in next."), row=self.row
        )
