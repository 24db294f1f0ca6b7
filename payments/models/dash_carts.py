"""Paying by Dash Cart: money held for a trip, then taken from a member's house account. Amazon: OrderingConnector."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.fields import AmountField, CurrencyField
from loyalty.models import Member
from stores.models import Store


class DashCartCharge(models.Model):
    """The hold of a Dash Cart's trip: held, then captured or cancelled."""

    class State(models.TextChoices):
        HELD = "held", "held"
        CAPTURED = "captured", "captured"
        CANCELLED = "cancelled", "cancelled"

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    amazon_trip_id = models.CharField(max_length=255)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    auth_token = models.CharField(max_length=64, blank=True)
    confirmation = models.CharField(max_length=64, blank=True)
    amount = AmountField(null=True)
    currency = CurrencyField(blank=True)
    held_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-held_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "amazon_trip_id"], name="one_charge_per_dash_cart_trip"),
            models.CheckConstraint(
                condition=~Q(state="captured") | Q(amount__isnull=False), name="captured_dash_cart_has_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"Dash Cart {self.amazon_trip_id}"

    @property
    def pays(self) -> bool:
        """The trip's money is held or taken."""
        return self.state != self.State.CANCELLED
