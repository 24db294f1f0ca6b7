"""Rows that need a person's look until somebody has had it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Seen(models.Model):
    """A row that may need a look; `seen_by` says who has had it. What happens to it again needs a look again."""

    seen_at = models.DateTimeField(_("seen at"), null=True, editable=False)
    seen_by = models.CharField(_("seen by"), max_length=150, blank=True, editable=False)

    class Meta:
        abstract = True

    def mark_seen(self, actor: str) -> None:
        self.seen_at = Now()
        self.seen_by = actor

    def mark_unseen(self) -> None:
        self.seen_at = None
        self.seen_by = ""


def unseen_index(name: str, condition: Q | None = None, *, at_store: bool = False) -> models.Index:
    """Of the rows that need a look and no others: it stays short however many have been looked at.

    In the order of the rows; `at_store` for people with few stores, whose rows would be sought among all of theirs.
    """
    is_unseen = Q(seen_at__isnull=True)
    fields = ["store", "id"] if at_store else ["id"]
    return models.Index(fields=fields, condition=is_unseen & condition if condition else is_unseen, name=name)
