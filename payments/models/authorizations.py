"""The retailer's word at the gate: its rules, whom it blocks, and each decision with its reasons.

Amazon: fraud_abuse_api, fraud_abuse_strategy_setup.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.fields import AmountField, CurrencyField
from core.history import History
from stores.models import Store


def risks_that_deny() -> list[str]:
    """Amazon: credit_card_fully_delegated_test_plan 7a.2, 7a.4, 7a.5."""
    return ["CustomerFraud", "BadDebt", "InvalidCard", "ExpiredCard"]


class Recommendation(models.TextChoices):
    FOLLOW = "follow", _("follow Amazon's advice, unless a rule below denies")
    IGNORE = "ignore", _("decide by the rules below alone")


class Fallback(models.TextChoices):
    DENY = "deny", _("let nobody in")
    ACCEPT = "accept", _("let everybody in")


class GateRules(models.Model):
    """How a store decides about a card at its gate."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, related_name="gate_rules", verbose_name=_("store"))
    recommendation = models.CharField(
        _("Amazon's recommendation"), max_length=10, choices=Recommendation.choices, default=Recommendation.FOLLOW
    )
    denied_risks = models.JSONField(
        _("risks that deny"), default=risks_that_deny, blank=True, help_text=_("Amazon's names, such as CustomerFraud.")
    )
    denies_debtors = models.BooleanField(_("deny who owes"), default=True)
    tolerated_debt = AmountField(
        _("tolerated debt"), default=0, help_text=_("Who owes no more than this is let in all the same.")
    )
    most_held = AmountField(
        _("most held"),
        null=True,
        blank=True,
        help_text=_("Have at most this much held on the card. Empty: whatever Amazon holds."),
    )
    fallback = models.CharField(
        _("when the rules cannot be asked in time"), max_length=10, choices=Fallback.choices, default=Fallback.DENY
    )

    history = History(store="store")

    class Meta:
        verbose_name = verbose_name_plural = _("gate rules")

    def __str__(self) -> str:
        return f"gate rules of {self.store}"


class BlockedShopper(models.Model):
    """A card that is not let in, by Amazon's id for it."""

    shopper_id = models.CharField(_("shopper id"), max_length=255)
    store = models.ForeignKey(
        Store,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        help_text=_("Empty: all stores."),
        verbose_name=_("store"),
    )
    reason = models.CharField(_("reason"), max_length=300)
    blocked_by = models.CharField(_("blocked by"), max_length=150, editable=False)
    blocked_at = models.DateTimeField(_("blocked at"), db_default=Now(), editable=False)

    history = History(store="store", untold=["blocked_by", "blocked_at"])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shopper_id", "store"], name="one_block_per_shopper_and_store", nulls_distinct=False
            )
        ]
        verbose_name = _("blocked shopper")
        verbose_name_plural = _("blocked shoppers")

    def __str__(self) -> str:
        return self.shopper_id


class GateDecision(models.Model):
    """What Amazon was answered about a card at the gate, and why: the same again for the same call."""

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="gate_decisions", db_index=False, verbose_name=_("store")
    )
    amazon_trip_id = models.CharField(_("amazon trip id"), max_length=255, blank=True)
    event_id = models.CharField(_("event id"), max_length=255, blank=True)
    shopper_id = models.CharField(_("shopper id"), max_length=255)
    decided_at = models.DateTimeField(_("decided at"), db_default=Now())
    is_authorized = models.BooleanField(_("is authorized"))
    reasons = models.JSONField(
        _("reasons"), default=list, help_text=_("Sentences for staff, in the order in which they counted.")
    )
    risks = models.JSONField(_("risks"), default=list, help_text=_("Those that Amazon is answered."))
    recommended = models.JSONField(_("recommended"), null=True, help_text=_("Amazon's advice, as it came."))
    held = AmountField(_("held"), null=True, help_text=_("What Amazon was about to hold."))
    adjusted_to = AmountField(_("adjusted to"), null=True, help_text=_("What it was told to hold instead."))
    currency = CurrencyField(_("currency"), blank=True)
    is_fallback = models.BooleanField(_("is fallback"), default=False)

    class Meta:
        ordering = ["-decided_at", "-id"]
        indexes = [
            models.Index(fields=["-decided_at", "-id"], name="gate_decision_by_time"),
            models.Index(fields=["store", "-decided_at", "-id"], name="gate_decision_by_store"),
            models.Index(fields=["-decided_at", "-id"], name="gate_decision_refused", condition=Q(is_authorized=False)),
            models.Index(
                fields=["store", "-decided_at", "-id"],
                name="gate_refused_by_store",
                condition=Q(is_authorized=False),
            ),
            models.Index(fields=["-decided_at", "-id"], name="gate_decision_fallback", condition=Q(is_fallback=True)),
            models.Index(fields=["shopper_id", "-decided_at"], name="gate_decision_by_shopper"),
            models.Index(fields=["amazon_trip_id"], name="gate_decision_by_trip"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "amazon_trip_id", "event_id", "shopper_id"], name="one_decision_per_gate_event"
            )
        ]
        verbose_name = _("gate decision")
        verbose_name_plural = _("gate decisions")

    def __str__(self) -> str:
        return f"{'let in' if self.is_authorized else 'refused'}: {self.shopper_id}"
