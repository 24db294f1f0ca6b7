"""Reports that people keep, and have sent by e-mail."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.work import WorkRow, due_index
from payments.models.mailings import Mailing
from reports.schedule import Schedule, Weekday
from staff.models import User


class SavedReport(WorkRow):
    """A page of the reports with its question, under a name. As a work row it is due when it is to be sent."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_reports", editable=False)
    name = models.CharField(max_length=60)
    page = models.CharField(max_length=20, editable=False, help_text="The key of the page.")
    question = models.CharField(max_length=2000, blank=True, editable=False, help_text="The query of its address.")
    schedule = models.CharField("sent", max_length=10, choices=Schedule.choices, default=Schedule.NONE)
    weekday = models.PositiveSmallIntegerField("on", choices=Weekday.choices, default=Weekday.MONDAY)
    hour = models.PositiveSmallIntegerField("at", default=7, validators=[MaxValueValidator(23)])
    time_zone = models.CharField("in the time of", max_length=50, default="UTC")
    recipients = models.ManyToManyField(User, related_name="+", verbose_name="to")
    due_at = models.DateTimeField(null=True, editable=False, help_text="When it is to be sent next.")

    class Meta:
        ordering = ["name", "id"]
        default_permissions = ()
        indexes = [due_index("saved_report_due")]
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="one_report_per_name_and_person")]
        verbose_name = _("saved report")
        verbose_name_plural = _("saved reports")

    def __str__(self) -> str:
        return self.name

    @property
    def rhythm(self) -> tuple[str, int, int, str]:
        """As reports.schedule takes it."""
        return self.schedule, self.weekday, self.hour, self.time_zone

    @property
    def days_in_words(self) -> str:
        is_weekly = self.schedule == Schedule.WEEKLY
        return f"every {Weekday(self.weekday).label}" if is_weekly else Schedule(self.schedule).label


class ReportMail(Mailing):
    """A saved report on its way to one person: at most one for each time at which it was due."""

    report = models.ForeignKey(SavedReport, on_delete=models.CASCADE, related_name="mails", editable=False)
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", editable=False)
    due_at = models.DateTimeField(editable=False)
    day = models.DateField(editable=False, help_text="What is today for its question.")

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        indexes = [due_index("report_mail_due")]
        constraints = [
            models.UniqueConstraint(fields=["report", "recipient", "due_at"], name="one_mail_per_recipient_and_time")
        ]
        verbose_name = _("report mail")
        verbose_name_plural = _("report mails")

    def __str__(self) -> str:
        return f"{self.report} to {self.recipient}"
