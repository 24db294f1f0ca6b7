"""Files that are too large to be made while somebody waits."""

from typing import Any, Self

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.work import WorkRow, due_index
from staff.models import User


class Extension(models.TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"


class ReportFile(WorkRow):
    """Rows behind a report, asked for by one person and written by a worker. Due until it is written.

    Each try writes a file of its own, which becomes `name` only when it is whole.
    """

    class What(models.TextChoices):
        TRIPS = "trips", "trips, one line each"
        REFUNDS = "refunds", "refunds, one line each"

    class State(models.TextChoices):
        WAITING = "waiting", "being written"
        DONE = "done", "ready"
        FAILED = "failed", "not written"

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="report_files")
    what = models.CharField(max_length=10, choices=What.choices)
    extension = models.CharField(max_length=4, choices=Extension.choices)
    first = models.DateField()
    last = models.DateField(help_text="Included.")
    stores: Any = models.JSONField(help_text="Keys of the stores that it is about.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    problem = models.CharField(max_length=300, blank=True, help_text="Why it was not written, in a sentence.")
    rows_done = models.PositiveIntegerField(default=0)
    rows_expected = models.PositiveIntegerField(default=0, help_text="As it was asked for.")
    name = models.CharField(max_length=200, blank=True, help_text="In the storage.")
    size = models.PositiveBigIntegerField(default=0)
    asked_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        indexes = [
            due_index("report_file_due"),
            models.Index(fields=["person", "-id"], name="report_file_by_person"),
            models.Index(fields=["asked_at"], name="report_file_by_time"),
        ]
        verbose_name = _("report file")
        verbose_name_plural = _("report files")

    def __str__(self) -> str:
        return self.file_name

    @classmethod
    def lease_due(cls, limit: int) -> list[Self]:
        """One file at a time: it takes a worker's thread for minutes, and the others are there for carts and money.

        All that are not written are locked first, so that of two workers the second sees what the first has leased. One
        that failed holds up the others until it is tried again: nothing tells it from one that is being written.
        """
        with transaction.atomic():
            unwritten = list(cls.for_update().filter(next_attempt_at__isnull=False).values_list("pk", flat=True))
            is_leased = cls._default_manager.filter(lease_count__gt=0, next_attempt_at__gt=Now())
            return super().lease_due(1) if unwritten and not is_leased.exists() else []

    @property
    def file_name(self) -> str:
        """As it is saved by whoever takes it."""
        return f"{self.what}-{self.first}-{self.last}.{self.extension}"
