"""How members pay in a store that collects by a processor of its own."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core.actors import BY_PEOPLE
from core.fields import AmountField, CurrencyField
from core.history import History
from loyalty.models import Member
from stores.models import Processor, Store


class HouseAccount(models.Model):
    """A member's account with the retailer: paid ahead, or by invoice. Its entries say what is on it."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("by invoice")
        PREPAID = "prepaid", _("paid ahead")

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="house_accounts", verbose_name=_("member")
    )
    currency = CurrencyField(_("currency"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.INVOICE)
    most_owed = AmountField(
        _("limit"),
        null=True,
        blank=True,
        help_text=_("By invoice: the account owes no more than this. Empty: no limit."),
    )
    is_open = models.BooleanField(_("open"), default=True, help_text=_("From a closed account nothing is taken."))

    # A member's first trip opens one by itself: that is told by the trip.
    history = History(unnamed=["member"], called=lambda account: f"in {account.currency}", only_people=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "currency"], name="one_house_account_per_currency"),
            models.CheckConstraint(
                condition=Q(most_owed__isnull=True) | Q(most_owed__gte=0), name="house_account_limit"
            ),
        ]
        permissions = [("pay_in_houseaccount", gettext_noop("Can note what a member paid into their house account"))]
        verbose_name = _("house account")
        verbose_name_plural = _("house accounts")

    def __str__(self) -> str:
        return f"house account of {self.member} in {self.currency}"


class AccountEntry(models.Model):
    """A line of a member's house account. Append-only; a positive amount is owed, a negative one was paid in."""

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="account_entries", verbose_name=_("member")
    )
    store = models.ForeignKey(Store, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("store"))
    at = models.DateTimeField(_("at"), db_default=Now())
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    reference = models.CharField(
        _("reference"), max_length=300, unique=True, help_text=_("What it is for; nothing counts twice.")
    )
    actor = models.CharField(_("actor"), max_length=150, default="system")
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="account_entry_by_people", condition=BY_PEOPLE),
            models.Index(fields=["actor", "-at", "-id"], name="account_entry_by_person", condition=BY_PEOPLE),
            # What was paid in, for the journal: few lines beside those of trips.
            models.Index(fields=["at"], name="account_entry_of_no_store", condition=Q(store__isnull=True)),
        ]
        verbose_name_plural = _("account entries")
        verbose_name = _("account entry")

    def __str__(self) -> str:
        return self.reference


class PaymentMethod(models.Model):
    """What a processor calls a member and the way they pay. Holds no card number."""

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="payment_methods", verbose_name=_("member")
    )
    processor = models.CharField(_("processor"), max_length=20, choices=Processor.choices, default=Processor.STRIPE)
    customer = models.CharField(
        _("customer"), max_length=255, help_text=_("The processor's id of the member, such as cus_….")
    )
    method = models.CharField(
        _("method"), max_length=255, help_text=_("The processor's id of their card, such as pm_….")
    )

    # What the processor calls them is personal, and is erased with the member.
    history = History(
        unnamed=["member"], secret=["customer", "method"], called=lambda method: method.get_processor_display()
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "processor"], name="one_payment_method_per_processor")]
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")

    def __str__(self) -> str:
        return f"{self.get_processor_display()} of {self.member}"
