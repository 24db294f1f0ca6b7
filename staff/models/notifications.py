"""What people are told, and how each of them likes to be told."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.work import WorkRow, due_index
from staff.models.users import User
from stores.models import Store


class NotificationKind(models.TextChoices):
    """What there is to tell. The first ones are the causes for which a trip needs a look (payments)."""

    FAILED = "failed", _("Money that was refused")
    UNKNOWN = "unknown", _("Money whose outcome stays unknown")
    STUCK = "stuck", _("An own processor that is asked in vain")
    DEADLINE = "deadline", _("Money that is still out near its deadline")
    REFUND = "refund", _("Refunds that failed")
    APPROVAL = "approval", _("Refunds that await approval")
    CONTEST = "contest", _("Carts that shoppers contest")
    REVIEW = "review", _("Carts that cannot be priced")
    OTHER_CART = "other_cart", _("Carts that came twice and differ")
    REPORT = "report", _("Reports that Amazon did not take")
    RECEIPT = "receipt", _("Receipts that could not be sent")
    WORK = "work", _("Work that nobody does")
    JOB = "job", _("A job of mine is done")
    MENTION = "mention", _("A colleague names me in a note")


class Notification(models.Model):
    """Told to one person. Without personal data of shoppers: it may leave by e-mail."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=20, choices=NotificationKind.choices)
    store = models.ForeignKey(Store, null=True, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=200)
    link = models.CharField(max_length=300, help_text="A path of this site.")
    at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    in_header = models.BooleanField(default=True)
    awaits_mail = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_by_user"),
            models.Index(
                fields=["user"], condition=Q(read_at__isnull=True, in_header=True), name="notification_unread"
            ),
            models.Index(fields=["user"], condition=Q(awaits_mail=True), name="notification_awaits_mail"),
            models.Index(fields=["at"], name="notification_by_time"),
        ]

    def __str__(self) -> str:
        return self.title


class NotificationChoice(models.Model):
    """How one person is told of one kind. Without a row: in the header, and by no e-mail."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notification_choices")
    kind = models.CharField(max_length=20, choices=NotificationKind.choices)
    in_header = models.BooleanField()
    by_mail = models.BooleanField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_choice_per_person_and_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.user}"


class NotificationMail(WorkRow):
    """One a person: due when something awaits being mailed to them. Sent at least once, so perhaps twice."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="notification_mail")

    class Meta:
        default_permissions = ()
        indexes = [due_index("notification_mail_due")]
        verbose_name = _("notification mail")
        verbose_name_plural = _("notification mails")

    def __str__(self) -> str:
        return f"notifications to {self.user}"
