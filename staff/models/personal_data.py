"""Who looked at the personal data of whom."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class PersonalDataLook(models.Model):
    """Somebody of the staff was shown a name, an e-mail address or a phone number. Append-only."""

    at = models.DateTimeField(_("at"), db_default=Now())
    actor = models.CharField(_("who"), max_length=150)
    whose = models.CharField(
        _("whose"),
        max_length=255,
        blank=True,
        help_text=_("The member's external id. Empty: of somebody who is no member."),
    )
    page = models.CharField(_("page"), max_length=200, help_text=_("Where it was shown."))

    class Meta:
        ordering = ["-id"]
        default_permissions = ["view"]
        verbose_name = _("look at personal data")
        verbose_name_plural = _("looks at personal data")
        indexes = [
            models.Index(fields=["whose", "-id"], name="look_by_whose"),
            models.Index(fields=["actor", "-id"], name="look_by_actor"),
            models.Index(fields=["actor", "-at", "-id"], name="look_by_actor_and_time"),
            models.Index(fields=["at"], name="look_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} at {self.page}"
