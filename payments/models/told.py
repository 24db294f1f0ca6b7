"""What people were told of the trips that need a look."""

from django.db import models

from orders.models import Trip


class Told(models.Model):
    """Staff were told why the trip needs a look. Deleted when it needs none for this any more: the next time is told
    again."""

    trip = models.ForeignKey(Trip, on_delete=models.CASCADE, related_name="told")
    why = models.CharField(max_length=20)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["why", "trip"], name="one_row_per_why_and_trip")]

    def __str__(self) -> str:
        return f"{self.why}: {self.trip}"
