"""The journal of our calls to Amazon."""

from django.db import models
from django.db.models.functions import Now


class OutboundCall(models.Model):
    """One attempt to call Amazon: what was sent and what came back. Bodies hold no secret; headers are not kept."""

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
        indexes = [models.Index(fields=["amazon_trip_id", "at"], name="outbound_by_trip")]

    def __str__(self) -> str:
        return f"{self.operation} {self.amazon_trip_id}: {self.status or self.error}"
