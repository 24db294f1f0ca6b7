"""Paying by Dash Cart: money held for a trip, then taken from a member's house account. Amazon: OrderingConnector."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.fields import AmountField, CurrencyField
from loyalty.models import Member
from stores.models import Store


class DashCartCharge(models.Model):
    """The hold of a Dash Cart's trip: held, then captured or cancelled."""

    class State(models.TextChoices):
        HELD = "held", _("held")
        CAPTURED = "captured", _("captured")
        CANCELLED = "cancelled", _("cancelled")

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("store")
    )
    amazon_trip_id = models.CharField(_("amazon trip id"), max_length=255)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("member"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.HELD)
    auth_token = models.CharField(_("auth token"), max_length=64, blank=True)
    confirmation = models.CharField(_("confirmation"), max_length=64, blank=True)
    amount = AmountField(_("amount"), null=True)
    currency = CurrencyField(_("currency"), blank=True)
    held_at = models.DateTimeField(_("held at"), db_default=Now())
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        ordering = ["-held_at", "-id"]
        indexes = [
            models.Index(fields=["store", "-id"], name="dash_cart_by_store"),
            models.Index(fields=["state", "-id"], name="dash_cart_by_state"),
            # What was taken since a moment, for the journal.
            models.Index(fields=["ended_at"], name="dash_cart_by_capture", condition=Q(state="captured")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["store", "amazon_trip_id"], name="one_charge_per_dash_cart_trip"),
            models.CheckConstraint(
                condition=~Q(state="captured") | Q(amount__isnull=False), name="captured_dash_cart_has_amount"
            ),
        ]
        verbose_name = _("dash cart charge")
        verbose_name_plural = _("dash cart charges")

    def __str__(self) -> str:
        return f"Dash Cart {self.amazon_trip_id}"

    @property
    def pays(self) -> bool:
        """The trip's money is held or taken."""
        return self.state != self.State.CANCELLED
