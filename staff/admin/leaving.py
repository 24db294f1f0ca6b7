"""Somebody leaves: who has acted is deactivated, since they cannot be deleted."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import ConfirmView
from core.languages import Words
from staff.models import User
from staff.services.leaving import deactivate, obstacle


class Deactivate(ConfirmView):
    right = "staff.change_user"
    url_name = "deactivate"
    title = gettext_lazy("Deactivate")
    row: User

    def find(self, pk: int | str) -> Any:
        person = super().find(pk)
        if person == self.request.user or not self.model_admin.has_change_permission(self.request, person):
            raise PermissionDenied(_("You may do this to people who may do less than you, and not to yourself."))
        return person

    def question(self) -> dict[str, Any]:
        return {
            "question": _("Deactivate %(row)s?") % {"row": self.row},
            "facts": [],
            "explanation": _(
                "They are signed out and sign in no more, until somebody activates them again. What they did stays, "
                "under their name."
            ),
            "obstacle": obstacle(self.row),
            "button": _("Deactivate"),
        }

    def act(self, actor: str) -> Words:
        deactivate(self.row)
        return format_lazy(gettext_lazy("{row} deactivated."), row=self.row)


def kept_word(person: User) -> SafeString:
    """Why this person is not deleted, and what to do instead."""
    said = _("%(person)s has acted here: what they did is told under their name, so the user cannot be deleted.")
    if not person.is_active:
        return format_html("{} {}", said % {"person": person}, _("They are deactivated already."))
    return format_html(
        '{} {} <a class="bo-link" href="{}">{}</a>',
        said % {"person": person},
        _("Deactivate them instead: they sign in no more."),
        reverse("admin:staff_user_deactivate", args=[person.pk]),
        _("Deactivate…"),
    )
