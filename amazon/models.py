"""The journal of calls: Amazon's to us, and ours to Amazon."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class OutboundCall(models.Model):
    """One attempt to call Amazon, or a processor: what was sent and what came back.

    Bodies hold no secret; headers are not kept.
    """

    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)
    operation = models.CharField(_("operation"), max_length=40)
    url = models.CharField(_("url"), max_length=255)
    store_external_id = models.CharField(_("store external id"), max_length=255)
    amazon_trip_id = models.CharField(_("amazon trip id"), max_length=255)
    request = models.TextField(_("request"))
    status = models.PositiveSmallIntegerField(_("status"), null=True, help_text=_("Empty: no answer came."))
    answer = models.TextField(_("answer"), blank=True)
    error = models.TextField(_("error"), blank=True)
    amazon_request_id = models.CharField(_("amazon request id"), max_length=100, blank=True)
    duration_ms = models.PositiveIntegerField(_("duration ms"))

    class Meta:
        indexes = [
            models.Index(fields=["amazon_trip_id", "at"], name="outbound_by_trip"),
            models.Index(fields=["at"], name="outbound_by_time"),
            models.Index(fields=["store_external_id", "-id"], name="outbound_by_store"),
        ]
        verbose_name = _("outbound call")
        verbose_name_plural = _("outbound calls")

    def __str__(self) -> str:
        return f"{self.operation} {self.amazon_trip_id}: {self.status or self.error}"


class InboundCall(models.Model):
    """One call of Amazon's: what it sent, redacted (amazon.inbound.redaction), and what it got.

    Written a moment after the answer (amazon.inbound.journal). `is_whole` says that nothing of the body was taken out
    or cut, so that it can be replayed.
    """

    at = models.DateTimeField(_("at"), editable=False)
    endpoint = models.CharField(_("endpoint"), max_length=100, help_text=_("The path that was called."))
    caller = models.CharField(
        _("caller"), max_length=100, help_text=_("Which of the connector's keys, never the key; or “refused”.")
    )
    store_external_id = models.CharField(_("store external id"), max_length=255, blank=True)
    request_id = models.CharField(_("request id"), max_length=255, blank=True)
    amazon_trip_id = models.CharField(_("amazon trip id"), max_length=255, blank=True)
    body = models.TextField(_("body"))
    is_whole = models.BooleanField(_("is whole"))
    status = models.PositiveSmallIntegerField(_("status"))
    answer = models.TextField(_("answer"))
    duration_ms = models.PositiveIntegerField(_("duration ms"))
    is_replay = models.BooleanField(_("is replay"), default=False, help_text=_("Sent again by staff, not by Amazon."))

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="inbound_by_time"),
            models.Index(fields=["amazon_trip_id", "at"], name="inbound_by_trip", condition=~Q(amazon_trip_id="")),
            models.Index(fields=["request_id"], name="inbound_by_request", condition=~Q(request_id="")),
            models.Index(fields=["endpoint", "-at", "-id"], name="inbound_by_endpoint"),
            models.Index(fields=["store_external_id", "-at", "-id"], name="inbound_by_store"),
            models.Index(fields=["-at", "-id"], name="inbound_refused", condition=Q(status__gte=400, status__lt=500)),
            models.Index(fields=["-at", "-id"], name="inbound_failed", condition=Q(status__gte=500)),
        ]
        permissions = [("replay_inboundcall", gettext_noop("Can replay a failed call of Amazon's"))]
        verbose_name = _("inbound call")
        verbose_name_plural = _("inbound calls")

    def __str__(self) -> str:
        return f"{self.endpoint} {self.status}"
