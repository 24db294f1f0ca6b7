"""Who was at the gate, and what became of whoever came in: by the hour, of no currency."""

from django.db import models

from reports.models.rollups import StoreDay


class Door(models.TextChoices):
    """Who was asked whether somebody comes in, or whose points are collected."""

    CODE = "code", "Code at the gate"
    CARD = "card", "Card at the gate"
    LOYALTY = "loyalty", "Loyalty scan"


class EntryDay(StoreDay):
    """What Amazon was answered about codes and cards, in the hour in which it asked."""

    hour = models.DateTimeField(help_text="When the hour began.")
    door = models.CharField(max_length=10, choices=Door.choices)
    is_accepted = models.BooleanField()
    is_associate = models.BooleanField(help_text="Let in as one, so that no cart is made for them.")
    is_fallback = models.BooleanField(help_text="The gate's rules could not be asked in time.")
    reason = models.CharField(max_length=200, help_text="Of a refusal, without whom and how much.")
    entries = models.PositiveIntegerField()

    class Meta(StoreDay.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["store", "day", "hour", "door", "is_accepted", "is_associate", "is_fallback", "reason"],
                name="one_entry_day_per_kind",
            )
        ]


class VisitDay(StoreDay):
    """The carts that came in an hour, and which of them still have no price or no money."""

    hour = models.DateTimeField(help_text="When the hour began.")
    trips = models.PositiveIntegerField()
    purchases = models.PositiveIntegerField(help_text="Those that cost something.")
    empty = models.PositiveIntegerField(help_text="Those that have a price, which is nothing.")
    unpriced = models.PositiveIntegerField(help_text="Received, or in review.")
    uncharged = models.PositiveIntegerField(help_text="Priced, and their money is still being collected.")
    expired = models.PositiveIntegerField(help_text="Amazon said that the hold had ended.")

    class Meta(StoreDay.Meta):
        constraints = [models.UniqueConstraint(fields=["store", "day", "hour"], name="one_visit_day_per_hour")]
