"""Which stores exist, what they sell, at which price and tax."""

from decimal import Decimal
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from amazon.outbound.hosts import REGIONS
from core import money
from core.fields import AmountField, CurrencyField


class PaymentFlow(models.TextChoices):
    """How the money of a trip is collected."""

    PAYMENT_SERVICE = "PAYMENT_SERVICE", "Amazon's payment service"
    CHECKOUT_SERVICE = "CHECKOUT_SERVICE", "Amazon's checkout service"
    OWN_PROCESSOR = "OWN_PROCESSOR", "own processor"


class Processor(models.TextChoices):
    """Who takes the money of a trip where Amazon does not."""

    HOUSE_ACCOUNT = "house_account", "house account"
    STRIPE = "stripe", "Stripe"


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is no time zone. Use a name such as America/New_York.")


def validate_currency(code: str) -> None:
    if code not in list_currencies():
        raise ValidationError(f"“{code}” is no ISO 4217 currency code. Use one such as USD.")


class Store(models.Model):
    """A Just Walk Out store, known to Amazon by its external id."""

    external_id = models.CharField(
        max_length=255,
        unique=True,
        help_text="The external id in the merchant portal's store details. Amazon sends it as storeId.",
    )
    name = models.CharField(max_length=200)
    region = models.CharField(max_length=20, choices=list(REGIONS.items()), help_text="Where Amazon runs the store.")
    time_zone = models.CharField(max_length=50, validators=[validate_time_zone], help_text="Such as Europe/London.")
    currency = CurrencyField(validators=[validate_currency], help_text="Such as GBP.")
    prices_include_tax = models.BooleanField(default=False)
    card_flow = models.CharField(
        "payment flow of card entries",
        max_length=20,
        choices=PaymentFlow.choices,
        default=PaymentFlow.PAYMENT_SERVICE,
    )
    app_flow = models.CharField(
        "payment flow of app entries", max_length=20, choices=PaymentFlow.choices, default=PaymentFlow.OWN_PROCESSOR
    )
    processor = models.CharField(
        "own processor",
        max_length=20,
        choices=Processor.choices,
        default=Processor.HOUSE_ACCOUNT,
        help_text="Who collects where the payment flow is “own processor”.",
    )
    sends_receipts = models.BooleanField(
        default=True, help_text="The retailer gives the receipt, except for what Amazon's checkout service collects."
    )
    receipt_header = models.TextField(
        blank=True, help_text="Stands on receipts beneath the store's name: address, tax number."
    )
    reports_payments = models.BooleanField(
        default=True, help_text="Tell Amazon's fraud-and-abuse service what each trip cost and what of it is paid."
    )
    refund_approval_above = AmountField(
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text="A refund above this needs a second person. Empty: none does.",
    )
    refund_window_days = models.PositiveSmallIntegerField(
        default=7, help_text="Amazon refunds a trip for 7 days (refund_charge), counted here from the capture."
    )
    loyalty_provider = models.CharField(
        max_length=255, blank=True, help_text="Name of the loyalty programme, as Amazon is told. Empty: none here."
    )
    points_per_unit = models.DecimalField(
        "points per unit of money",
        max_digits=8,
        decimal_places=4,
        default=0,
        validators=[MinValueValidator(Decimal(0))],
        help_text="What a member earns for each 1.00 that is paid; 0: none.",
    )
    has_dash_cart = models.BooleanField(
        "Dash Carts", default=False, help_text="The store has Dash Carts, which ask for prices while shopping."
    )
    is_test_mode = models.BooleanField(
        "test mode", default=False, help_text="Call Amazon's .test. hosts, where nobody is really charged."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def flow(self, *, is_app: bool) -> PaymentFlow:
        return PaymentFlow(self.app_flow if is_app else self.card_flow)


class Product(models.Model):
    """Something a store sells. The price is per unit, with or without tax as the store says."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="products")
    sku = models.CharField("SKU", max_length=255)
    name = models.CharField(max_length=200)
    price = AmountField(validators=[MinValueValidator(Decimal(0))])
    unit = models.CharField(
        max_length=20, default="unit", help_text="“unit” for things that are counted; “kg” or “lb” for what is weighed."
    )
    tax_rate = models.DecimalField(
        "tax rate in %",
        max_digits=6,
        decimal_places=3,
        default=0,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["store", "sku"], name="one_product_per_sku_and_store"),
            models.CheckConstraint(condition=Q(price__gte=0), name="product_price_not_negative"),
            models.CheckConstraint(condition=Q(tax_rate__gte=0, tax_rate__lte=100), name="product_tax_rate_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.sku})"

    def clean(self) -> None:
        if self.price is not None and self.store_id and not money.is_exact(self.price, self.store.currency):
            places = money.decimals(self.store.currency)
            raise ValidationError({"price": f"{self.store.currency} has {places} decimals."})


class Barcode(models.Model):
    """What a scanner reads off a product. Within a store it stands for one product only."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="barcodes")
    code = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "code"], name="one_product_per_barcode_and_store")]

    def __str__(self) -> str:
        return self.code

    def save(self, *args: object, **kwargs: object) -> None:
        self.store_id = self.product.store_id
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def clean(self) -> None:
        others = Barcode.objects.filter(store=self.product.store_id, code=self.code).exclude(pk=self.pk)
        if other := others.select_related("product").first():
            raise ValidationError({"code": f"{other.product} of this store has this barcode already."})
