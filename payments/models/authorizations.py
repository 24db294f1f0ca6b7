"""The retailer's word at the gate: its rules, whom it blocks, and each decision with its reasons.

Amazon: fraud_abuse_api, fraud_abuse_strategy_setup.
"""

from django.db import models
from django.db.models.functions import Now

from core.fields import AmountField, CurrencyField
from stores.models import Store


def risks_that_deny() -> list[str]:
    """Amazon: credit_card_fully_delegated_test_plan 7a.2, 7a.4, 7a.5."""
    return ["CustomerFraud", "BadDebt", "InvalidCard", "ExpiredCard"]


class Recommendation(models.TextChoices):
    FOLLOW = "follow", "follow Amazon's advice, unless a rule below denies"
    IGNORE = "ignore", "decide by the rules below alone"


class Fallback(models.TextChoices):
    DENY = "deny", "let nobody in"
    ACCEPT = "accept", "let everybody in"


class GateRules(models.Model):
    """How a store decides about a card at its gate."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, related_name="gate_rules")
    recommendation = models.CharField(
        "Amazon's recommendation", max_length=10, choices=Recommendation.choices, default=Recommendation.FOLLOW
    )
    denied_risks = models.JSONField(
        "risks that deny", default=risks_that_deny, blank=True, help_text="Amazon's names, such as CustomerFraud."
    )
    denies_debtors = models.BooleanField("deny who owes", default=True)
    tolerated_debt = AmountField(default=0, help_text="Who owes no more than this is let in all the same.")
    most_held = AmountField(
        null=True, blank=True, help_text="Have at most this much held on the card. Empty: whatever Amazon holds."
    )
    fallback = models.CharField(
        "when the rules cannot be asked in time", max_length=10, choices=Fallback.choices, default=Fallback.DENY
    )

    class Meta:
        verbose_name = verbose_name_plural = "gate rules"

    def __str__(self) -> str:
        return f"gate rules of {self.store}"


class BlockedShopper(models.Model):
    """A card that is not let in, by Amazon's id for it."""

    shopper_id = models.CharField(max_length=255)
    store = models.ForeignKey(Store, on_delete=models.CASCADE, null=True, blank=True, help_text="Empty: all stores.")
    reason = models.CharField(max_length=300)
    blocked_by = models.CharField(max_length=150, editable=False)
    blocked_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shopper_id", "store"], name="one_block_per_shopper_and_store", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.shopper_id


class GateDecision(models.Model):
    """What Amazon was answered about a card at the gate, and why: the same again for the same call."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="gate_decisions")
    amazon_trip_id = models.CharField(max_length=255, blank=True)
    event_id = models.CharField(max_length=255, blank=True)
    shopper_id = models.CharField(max_length=255)
    decided_at = models.DateTimeField(db_default=Now())
    is_authorized = models.BooleanField()
    reasons = models.JSONField(default=list, help_text="Sentences for staff, in the order in which they counted.")
    risks = models.JSONField(default=list, help_text="Those that Amazon is answered.")
    recommended = models.JSONField(null=True, help_text="Amazon's advice, as it came.")
    held = AmountField(null=True, help_text="What Amazon was about to hold.")
    adjusted_to = AmountField(null=True, help_text="What it was told to hold instead.")
    currency = CurrencyField(blank=True)
    is_fallback = models.BooleanField(default=False)

    class Meta:
        ordering = ["-decided_at", "-id"]
        indexes = [
            models.Index(fields=["-decided_at", "-id"], name="gate_decision_by_time"),
            models.Index(fields=["shopper_id", "-decided_at"], name="gate_decision_by_shopper"),
            models.Index(fields=["amazon_trip_id"], name="gate_decision_by_trip"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "amazon_trip_id", "event_id", "shopper_id"], name="one_decision_per_gate_event"
            )
        ]

    def __str__(self) -> str:
        return f"{'let in' if self.is_authorized else 'refused'}: {self.shopper_id}"
