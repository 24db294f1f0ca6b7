"""The journal of calls: Amazon's to us, and ours to Amazon."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class OutboundCall(models.Model):
    """One attempt to call Amazon, or a processor: what was sent and what came back.

    Bodies hold no secret; headers are not kept.
    """

    at = models.DateTimeField(db_default=Now(), editable=False)
    operation = models.CharField(max_length=40)
    url = models.CharField(max_length=255)
    store_external_id = models.CharField(max_length=255)
    amazon_trip_id = models.CharField(max_length=255)
    request = models.TextField()
    status = models.PositiveSmallIntegerField(null=True, help_text="Empty: no answer came.")
    answer = models.TextField(blank=True)
    error = models.TextField(blank=True)
    amazon_request_id = models.CharField(max_length=100, blank=True)
    duration_ms = models.PositiveIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["amazon_trip_id", "at"], name="outbound_by_trip"),
            models.Index(fields=["at"], name="outbound_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.amazon_trip_id}: {self.status or self.error}"


class InboundCall(models.Model):
    """One call of Amazon's: what it sent, redacted (amazon.inbound.redaction), and what it got.

    Written a moment after the answer (amazon.inbound.journal). `is_whole` says that nothing of the body was taken out
    or cut, so that it can be replayed.
    """

    at = models.DateTimeField(editable=False)
    endpoint = models.CharField(max_length=100, help_text="The path that was called.")
    caller = models.CharField(max_length=100, help_text="Which of the connector's keys, never the key; or “refused”.")
    store_external_id = models.CharField(max_length=255, blank=True)
    request_id = models.CharField(max_length=255, blank=True)
    amazon_trip_id = models.CharField(max_length=255, blank=True)
    body = models.TextField()
    is_whole = models.BooleanField()
    status = models.PositiveSmallIntegerField()
    answer = models.TextField()
    duration_ms = models.PositiveIntegerField()
    is_replay = models.BooleanField(default=False, help_text="Sent again by staff, not by Amazon.")

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
        permissions = [("replay_inboundcall", "Can replay a failed call of Amazon's")]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.status}"
