"""How calls went: Amazon's to us, and ours to Amazon or a processor.

Unlike the other roll-ups these are added to: a call in the journal never changes, each is counted once, and the journal
forgets them (docs/decisions/0026-calls-are-counted-once.md).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.work import WorkRow, due_index
from stores.models import Store


class Direction(models.TextChoices):
    IN = "in", "Amazon's calls to us"
    OUT = "out", "Our calls to Amazon and processors"


class Outcome(models.TextChoices):
    DONE = "done"  # 2xx
    REFUSED = "refused"  # 4xx
    FAILED = "failed"  # any other status, or no answer


class CallFold(WorkRow):
    """One row: what counts the journal's calls. All up to `inbound` and `outbound`, by id, are counted.

    The ids of the last look are counted up to only when every transaction of that moment has ended: until then a
    smaller id may still be committed.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    inbound = models.BigIntegerField(default=0, editable=False)
    outbound = models.BigIntegerField(default=0, editable=False)
    newest_inbound = models.BigIntegerField(default=0, editable=False, help_text="At the last look.")
    newest_outbound = models.BigIntegerField(default=0, editable=False, help_text="At the last look.")
    looked_at = models.DateTimeField(null=True, editable=False)
    at = models.DateTimeField(null=True, editable=False, help_text="What was journalled before this moment is counted.")

    class Meta:
        default_permissions = ()
        indexes = [due_index("call_fold_due")]
        verbose_name = _("count of the calls")
        verbose_name_plural = _("counts of the calls")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_call_fold")]

    def __str__(self) -> str:
        return f"calls counted up to {self.at}"


class CallDay(models.Model):
    """The calls of a day by how they ended and how long they took (`reports.histograms`)."""

    store = models.ForeignKey(
        Store,
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Empty: the call named none that there is.",
    )
    day = models.DateField(help_text="The store's own; without a store UTC's.")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    name = models.CharField(max_length=100, help_text="The path that Amazon called, or what we asked for.")
    outcome = models.CharField(max_length=7, choices=Outcome.choices)
    bucket = models.PositiveSmallIntegerField()
    calls = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["store", "day", "direction", "name", "outcome", "bucket"], name="one_call_day_per_kind"
            ),
            # The one above tells rows without a store never apart.
            models.UniqueConstraint(
                fields=["day", "direction", "name", "outcome", "bucket"],
                condition=models.Q(store__isnull=True),
                name="one_call_day_of_no_store_per_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.day}"
