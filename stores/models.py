"""Which stores exist, what they sell, at which price and tax."""

from decimal import Decimal
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from amazon.outbound.hosts import REGIONS
from core import money
from core.fields import AmountField, CurrencyField
from core.history import History


class PaymentFlow(models.TextChoices):
    """How the money of a trip is collected."""

    PAYMENT_SERVICE = "PAYMENT_SERVICE", _("Amazon's payment service")
    CHECKOUT_SERVICE = "CHECKOUT_SERVICE", _("Amazon's checkout service")
    OWN_PROCESSOR = "OWN_PROCESSOR", _("own processor")


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
        _("external id"),
        max_length=255,
        unique=True,
        help_text=_("The external id in the merchant portal's store details. Amazon sends it as storeId."),
    )
    name = models.CharField(_("name"), max_length=200)
    region = models.CharField(
        _("region"), max_length=20, choices=list(REGIONS.items()), help_text=_("Where Amazon runs the store.")
    )
    time_zone = models.CharField(
        _("time zone"), max_length=50, validators=[validate_time_zone], help_text=_("Such as Europe/London.")
    )
    currency = CurrencyField(_("currency"), validators=[validate_currency], help_text=_("Such as GBP."))
    prices_include_tax = models.BooleanField(_("prices include tax"), default=False)
    card_flow = models.CharField(
        _("payment flow of card entries"),
        max_length=20,
        choices=PaymentFlow.choices,
        default=PaymentFlow.PAYMENT_SERVICE,
    )
    app_flow = models.CharField(
        _("payment flow of app entries"), max_length=20, choices=PaymentFlow.choices, default=PaymentFlow.OWN_PROCESSOR
    )
    processor = models.CharField(
        _("own processor"),
        max_length=20,
        choices=Processor.choices,
        default=Processor.HOUSE_ACCOUNT,
        help_text=_("Who collects where the payment flow is “own processor”."),
    )
    sends_receipts = models.BooleanField(
        _("sends receipts"),
        default=True,
        help_text=_("The retailer gives the receipt, except for what Amazon's checkout service collects."),
    )
    receipt_header = models.TextField(
        _("receipt header"),
        blank=True,
        help_text=_("Stands on receipts beneath the store's name: address, tax number."),
    )
    reports_payments = models.BooleanField(
        _("reports payments"),
        default=True,
        help_text=_("Tell Amazon's fraud-and-abuse service what each trip cost and what of it is paid."),
    )
    refund_approval_above = AmountField(
        _("refund approval above"),
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("A refund above this needs a second person. Empty: none does."),
    )
    refund_window_days = models.PositiveSmallIntegerField(
        _("refund window days"),
        default=7,
        help_text=_("Amazon refunds a trip for 7 days (refund_charge), counted here from the capture."),
    )
    loyalty_provider = models.CharField(
        _("loyalty provider"),
        max_length=255,
        blank=True,
        help_text=_("Name of the loyalty programme, as Amazon is told. Empty: none here."),
    )
    points_per_unit = models.DecimalField(
        _("points per unit of money"),
        max_digits=8,
        decimal_places=4,
        default=0,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("What a member earns for each 1.00 that is paid; 0: none."),
    )
    has_dash_cart = models.BooleanField(
        _("Dash Carts"), default=False, help_text=_("The store has Dash Carts, which ask for prices while shopping.")
    )
    is_test_mode = models.BooleanField(
        _("test mode"), default=False, help_text=_("Call Amazon's .test. hosts, where nobody is really charged.")
    )

    history = History(store="pk")

    class Meta:
        ordering = ["name"]
        verbose_name = _("store")
        verbose_name_plural = _("stores")

    def __str__(self) -> str:
        return self.name

    def flow(self, *, is_app: bool) -> PaymentFlow:
        return PaymentFlow(self.app_flow if is_app else self.card_flow)


class Product(models.Model):
    """Something a store sells. The price is per unit, with or without tax as the store says."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="products", verbose_name=_("store"))
    sku = models.CharField(_("SKU"), max_length=255)
    name = models.CharField(_("name"), max_length=200)
    price = AmountField(_("price"), validators=[MinValueValidator(Decimal(0))])
    unit = models.CharField(
        _("unit"),
        max_length=20,
        default="unit",
        help_text=_("“unit” for things that are counted; “kg” or “lb” for what is weighed."),
    )
    tax_rate = models.DecimalField(
        _("tax rate in %"),
        max_digits=6,
        decimal_places=3,
        default=0,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    category = models.CharField(
        _("category"),
        max_length=100,
        blank=True,
        db_default="",
        help_text=_("Such as “Drinks”. The reports add up what is sold by it."),
    )
    updated_at = models.DateTimeField(_("updated at"), auto_now=True, db_default=Now())

    history = History(store="store", untold=["updated_at"])

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["sku", "category"], name="product_by_sku")]
        constraints = [
            models.UniqueConstraint(fields=["store", "sku"], name="one_product_per_sku_and_store"),
            models.CheckConstraint(condition=Q(price__gte=0), name="product_price_not_negative"),
            models.CheckConstraint(condition=Q(tax_rate__gte=0, tax_rate__lte=100), name="product_tax_rate_percent"),
        ]
        verbose_name = _("product")
        verbose_name_plural = _("products")

    def __str__(self) -> str:
        return f"{self.name} ({self.sku})"

    def clean(self) -> None:
        if self.price is not None and self.store_id and not money.is_exact(self.price, self.store.currency):
            places = money.decimals(self.store.currency)
            raise ValidationError({"price": f"{self.store.currency} has {places} decimals."})


class Barcode(models.Model):
    """What a scanner reads off a product. Within a store it stands for one product only."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, editable=False, verbose_name=_("store"))
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="barcodes", verbose_name=_("product"))
    code = models.CharField(_("code"), max_length=255)

    history = History(store="store", part_of="product")

    class Meta:
        indexes = [models.Index(fields=["code"], name="barcode_by_code")]
        constraints = [models.UniqueConstraint(fields=["store", "code"], name="one_product_per_barcode_and_store")]
        verbose_name = _("barcode")
        verbose_name_plural = _("barcodes")

    def __str__(self) -> str:
        return self.code

    def save(self, *args: object, **kwargs: object) -> None:
        self.store_id = self.product.store_id
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def clean(self) -> None:
        others = Barcode.objects.filter(store=self.product.store_id, code=self.code).exclude(pk=self.pk)
        if other := others.select_related("product").first():
            raise ValidationError({"code": f"{other.product} of this store has this barcode already."})
