"""What watches the work itself, and belongs to no app that does it."""

from django.db import models


class Heartbeat(models.Model):
    """One row: when beat last had a worker do something. Written by core.tasks.note_heartbeat."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_heartbeat")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
