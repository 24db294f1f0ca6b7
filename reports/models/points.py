"""Points, beside the money that they follow."""

from django.db import models

from reports.models.rollups import DayRow


class PointsDay(DayRow):
    """What trips earned, on the day they came; what refunds took back, on the day they were done."""

    earned = models.BigIntegerField()
    taken_back = models.BigIntegerField()

    class Meta(DayRow.Meta):
        constraints = [models.UniqueConstraint(fields=["store", "day", "currency"], name="one_points_day_per_currency")]
