"""The same act on many trips: a job, and a row for each of its trips."""

import uuid
from typing import Self

from django.contrib.auth.models import Group
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core.fields import AmountField, CurrencyField
from core.history import History
from core.work import WorkRow, due_index
from orders.models import Trip
from staff.models import User
from stores.models import Product


class BulkJob(models.Model):
    """Planned first, so that its person sees what it will do and what it will leave out; then started, or dropped."""

    class Kind(models.TextChoices):
        REFUND = "refund", _("refund whole trips")
        COLLECT = "collect", _("ask for the money again")
        SEND_REFUNDS = "send_refunds", _("send failed refunds again")
        CHOOSE_PRODUCT = "choose_product", _("choose a product")

    class State(models.TextChoices):
        DRAFT = "draft", _("not started")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False)
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="bulk_jobs", editable=False, verbose_name=_("person")
    )
    reason = models.CharField(_("reason"), max_length=20, blank=True, editable=False)
    reason_label = models.CharField(_("reason label"), max_length=100, blank=True, editable=False)
    note = models.TextField(_("note"), blank=True, editable=False)
    sku = models.CharField(_("item"), max_length=255, blank=True, editable=False)
    product = models.ForeignKey(
        Product, null=True, on_delete=models.SET_NULL, related_name="+", editable=False, verbose_name=_("product")
    )
    planned_at = models.DateTimeField(_("planned at"), db_default=Now(), editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["id"], condition=Q(state="running"), name="bulk_job_running")]
        permissions = [("view_all_bulkjobs", gettext_noop("Can see what others did to many trips at once"))]
        verbose_name = _("bulk job")
        verbose_name_plural = _("bulk jobs")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} (job {self.pk})"


class BulkItem(WorkRow):
    """One trip of a job. `key` is the idempotency key of what is done to it, the same on every try."""

    class State(models.TextChoices):
        PLANNED = "planned", _("to be done")
        SKIPPED = "skipped", _("left out")
        DONE = "done", _("done")
        FAILED = "failed", _("not done")

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="items", editable=False)
    trip = models.ForeignKey(Trip, on_delete=models.PROTECT, related_name="bulk_items", editable=False)
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED, editable=False)
    amount = AmountField(null=True, editable=False)
    currency = CurrencyField(blank=True, editable=False)
    result = models.TextField(blank=True, editable=False, help_text="What came of it, or why it is left out.")

    class Meta:
        ordering = ["id"]
        indexes = [due_index("bulk_item_due"), models.Index(fields=["job", "state", "id"], name="bulk_item_by_state")]
        constraints = [models.UniqueConstraint(fields=["job", "trip"], name="one_row_per_job_and_trip")]
        verbose_name = _("bulk item")
        verbose_name_plural = _("bulk items")

    def __str__(self) -> str:
        return f"{self.trip} in job {self.job_id}"

    @classmethod
    def for_update(cls) -> QuerySet[Self]:
        """With what doing it needs to know; only the row itself is locked."""
        return super().for_update().select_related("job__person", "job__product", "trip__store")


class BulkLimit(models.Model):
    """How many trips people of a group may act on at once. Of several groups the largest counts."""

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="bulk_limit", verbose_name=_("group"))
    most_trips = models.PositiveIntegerField(_("trips at once"), validators=[MinValueValidator(1)])

    history = History()

    class Meta:
        ordering = ["group__name"]
        verbose_name = _("bulk limit")
        verbose_name_plural = _("bulk limits")

    def __str__(self) -> str:
        return f"{self.group}: {self.most_trips} trips at once"
