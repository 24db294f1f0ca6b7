"""What the reports add up: one table for each question, a row for each store, day, currency and a few kinds.

Nothing here is a fact of its own. A day's rows are computed anew from trips, lines and events whenever one of them has
changed (reports.services.folding), so that doing it twice changes nothing and all of it can be made again.
"""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.fields import AmountField, CurrencyField
from core.work import WorkRow, due_index
from stores.models import Product, Store


class Fold(WorkRow):
    """One row: what keeps the roll-ups up to date, as a piece of work that falls due every few seconds."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    at = models.DateTimeField(editable=False, help_text="What was committed before this moment stands in the roll-ups.")

    class Meta:
        default_permissions = ()
        indexes = [due_index("fold_due")]
        verbose_name = _("roll-up of the reports")
        verbose_name_plural = _("roll-ups of the reports")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_fold")]
        permissions = [("view_reports", "Can see the reports")]

    def __str__(self) -> str:
        return f"folded up to {self.at}"


class FoldedStore(models.Model):
    """In which time zone a store's days are cut, and in which currency its trips without a price count. A store without
    a row, or with another zone or currency, is folded anew."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, primary_key=True, related_name="+")
    time_zone = models.CharField(max_length=50)
    currency = CurrencyField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.store} in {self.time_zone}"


class DirtyDay(models.Model):
    """A day to compute anew for a reason that no event tells of. May stand there twice; each row is seen once."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.store} on {self.day}"


class StoreDay(models.Model):
    """The columns of its unique key tell the rows of one store and day apart."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField(help_text="The store's own.")

    class Meta:
        abstract = True
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.store_id} on {self.day}"

    @classmethod
    def values_in(cls) -> tuple[str, ...]:
        """The columns that a computed row has."""
        names = (field.attname for field in cls._meta.concrete_fields)
        return tuple(name for name in names if name not in {"id", "store_id", "day"})


class DayRow(StoreDay):
    """What has a currency: two are never added."""

    currency = CurrencyField()

    class Meta(StoreDay.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{self.store_id} on {self.day} in {self.currency}"


def _once(name: str, *kinds: str) -> models.UniqueConstraint:
    """A row of each kind, found by store and then by day: most people's reports are about few of many stores."""
    return models.UniqueConstraint(fields=["store", "day", "currency", *kinds], name=name)


# What TripDay.brand says of cards whose details Amazon has not told yet. It spells brands in capitals.
BRAND_AWAITED = "awaited"


class TripDay(DayRow):
    """The trips that came on a day. Sums are of those with a price; `baskets` of those that cost something."""

    entry = models.CharField(max_length=4)
    flow = models.CharField(max_length=20, help_text="Empty: nobody is asked for the money here, or not yet.")
    processor = models.CharField(max_length=20)
    brand = models.CharField(max_length=40, help_text="Of the card that paid; empty: none, or nobody says.")
    is_member = models.BooleanField()
    state = models.CharField(max_length=50)
    trips = models.PositiveIntegerField()
    baskets = models.PositiveIntegerField()
    items = models.DecimalField(max_digits=20, decimal_places=10)
    gross = AmountField()
    net = AmountField()
    tax = AmountField()
    captured = AmountField()
    unpaid = AmountField()
    dwell_seconds = models.BigIntegerField()
    charged = models.PositiveIntegerField()
    charged_seconds = models.BigIntegerField()

    class Meta(DayRow.Meta):
        constraints = [_once("one_trip_day_per_kind", "entry", "flow", "processor", "brand", "is_member", "state")]


class OverviewDay(DayRow):
    """What the overview tells of a day (reports.figures.Figures): the sums of its TripDay, RefundDay and DebtDay rows.

    A page about all stores reads one row for each of them instead of one for each kind of trip.
    """

    trips = models.PositiveIntegerField()
    baskets = models.PositiveIntegerField()
    items = models.DecimalField(max_digits=20, decimal_places=10)
    gross = AmountField()
    tax = AmountField()
    unpaid = AmountField()
    dwell_seconds = models.BigIntegerField()
    charged = models.PositiveIntegerField()
    charged_seconds = models.BigIntegerField()
    members = models.PositiveIntegerField()
    apps = models.PositiveIntegerField()
    unpriced = models.PositiveIntegerField()
    uncollected = models.PositiveIntegerField()
    refunds = models.PositiveIntegerField()
    refunded = AmountField()
    adjusted = AmountField()
    recovered = AmountField()

    class Meta(DayRow.Meta):
        constraints = [_once("one_overview_day_per_currency")]


class HourDay(DayRow):
    """The trips of a day by the hour: the first hour begins at the store's midnight, and a day may have 23 or 25."""

    hour = models.DateTimeField(help_text="When the hour began.")
    oclock = models.PositiveSmallIntegerField(help_text="What the store's clock showed then, without the minutes.")
    trips = models.PositiveIntegerField()
    gross = AmountField()

    class Meta(DayRow.Meta):
        constraints = [_once("one_hour_day_per_hour", "hour")]


class RefundDay(DayRow):
    """What was given back on a day, whenever its trip came."""

    reason = models.CharField(max_length=100)
    person = models.CharField(max_length=150, help_text="Who asked for it.")
    trip_day = models.DateField()
    refunds = models.PositiveIntegerField()
    amount = AmountField()
    adjusted = AmountField(
        help_text="What of it pays back what a trip does not cost any more: the sales are lower already."
    )

    class Meta(DayRow.Meta):
        constraints = [_once("one_refund_day_per_kind", "reason", "person", "trip_day")]


class DebtDay(DayRow):
    """What happened to debts on a day: opened, paid, waived, lowered, written off (PaymentEvent.Phase).

    A debt that is written off is not open any more; what happens to it later does not make what is open less.
    """

    phase = models.CharField(max_length=12)
    is_by_card = models.BooleanField(help_text="Paid by the card when it was asked again, and not in the store.")
    was_written_off = models.BooleanField(help_text="Before this happened.")
    debts = models.PositiveIntegerField()
    amount = AmountField()

    class Meta(DayRow.Meta):
        constraints = [_once("one_debt_day_per_kind", "phase", "is_by_card", "was_written_off")]


class ProductDay(DayRow):
    """What was sold of a product on a day, and what was given back for it on that day.

    `code` is what Amazon sent for an item that is no product of the store, and empty for a product.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    code = models.CharField(max_length=255)
    unit = models.CharField(max_length=255)
    quantity = models.DecimalField(max_digits=20, decimal_places=10)
    net = AmountField()
    tax = AmountField()
    total = AmountField()
    refunded_quantity = models.DecimalField(max_digits=20, decimal_places=10)
    refunded = AmountField()
    unknown = models.PositiveIntegerField(help_text="Lines of carts in review that name no product of the store.")

    class Meta(DayRow.Meta):
        constraints = [
            _once("one_product_day_per_product", "product", "code", "unit"),
            # The one above tells rows without a product never apart.
            models.UniqueConstraint(
                fields=["store", "day", "currency", "code", "unit"],
                condition=models.Q(product__isnull=True),
                name="one_product_day_per_unknown_code",
            ),
        ]
