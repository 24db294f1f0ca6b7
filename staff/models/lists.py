"""Lists as people keep them."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from staff.models.users import User


class SavedView(models.Model):
    """A list as it was filtered, under a name. A shared one is seen by everybody who may see the list; what it finds
    is at their own stores all the same."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="saved_views", editable=False, verbose_name=_("user")
    )
    list_name = models.CharField(
        _("list name"), max_length=100, editable=False, help_text=_("The model of its rows, such as orders.trip.")
    )
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(
        _("query"), max_length=2000, blank=True, editable=False, help_text=_("Filters and search, as a URL.")
    )
    is_shared = models.BooleanField(_("shared with everybody"), default=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "list_name", "name"], name="one_view_per_name_and_person")
        ]
        permissions = [("share_savedview", gettext_noop("Can share saved views of lists with everybody"))]
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")

    def __str__(self) -> str:
        return self.name
