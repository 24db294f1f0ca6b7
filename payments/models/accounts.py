"""How members pay in a store that collects by a processor of its own."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.fields import AmountField, CurrencyField
from loyalty.models import Member
from stores.models import Processor, Store


class HouseAccount(models.Model):
    """A member's account with the retailer: paid ahead, or by invoice. Its entries say what is on it."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", "by invoice"
        PREPAID = "prepaid", "paid ahead"

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="house_accounts")
    currency = CurrencyField()
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.INVOICE)
    most_owed = AmountField(
        "limit", null=True, blank=True, help_text="By invoice: the account owes no more than this. Empty: no limit."
    )
    is_open = models.BooleanField("open", default=True, help_text="From a closed account nothing is taken.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "currency"], name="one_house_account_per_currency"),
            models.CheckConstraint(
                condition=Q(most_owed__isnull=True) | Q(most_owed__gte=0), name="house_account_limit"
            ),
        ]
        permissions = [("pay_in_houseaccount", "Can note what a member paid into their house account")]

    def __str__(self) -> str:
        return f"house account of {self.member} in {self.currency}"


class AccountEntry(models.Model):
    """A line of a member's house account. Append-only; a positive amount is owed, a negative one was paid in."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="account_entries")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now())
    amount = AmountField()
    currency = CurrencyField()
    reference = models.CharField(max_length=300, unique=True, help_text="What it is for; nothing counts twice.")
    actor = models.CharField(max_length=150, default="system")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "id"]
        verbose_name_plural = "account entries"

    def __str__(self) -> str:
        return self.reference


class PaymentMethod(models.Model):
    """What a processor calls a member and the way they pay. Holds no card number."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="payment_methods")
    processor = models.CharField(max_length=20, choices=Processor.choices, default=Processor.STRIPE)
    customer = models.CharField(max_length=255, help_text="The processor's id of the member, such as cus_….")
    method = models.CharField(max_length=255, help_text="The processor's id of their card, such as pm_….")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "processor"], name="one_payment_method_per_processor")]

    def __str__(self) -> str:
        return f"{self.get_processor_display()} of {self.member}"
