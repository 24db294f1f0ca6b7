"""What was bought: trips, the carts they came in, their lines and what happened to them."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django_fsm import FSMField, FSMModelMixin, transition

from core.fields import AmountField, CurrencyField
from core.indexes import AppendedIndex
from core.request_ids import RequestIdField
from core.seen import Seen, unseen_index
from core.work import WorkRow, due_index
from loyalty.models import Member
from orders.acts import StoreOfAct, act_indexes
from orders.states import RARE, UNCOLLECTED, AdjustmentReason, Entry, TripState
from stores.models import PaymentFlow, Product, Store

PURCHASE_PREFIX = "P"

# To within half of the last decimal a column holds: SQLite adds in floating point.
_TOTAL_ADDS_UP = Q(total__isnull=True) | Q(
    total__gt=models.F("subtotal") + models.F("tax") - Decimal("0.00005"),
    total__lt=models.F("subtotal") + models.F("tax") + Decimal("0.00005"),
)


class Trip(FSMModelMixin, WorkRow):
    """One shopper's visit. As a work row it is due while it waits to be priced.

    Intake writes it in one statement (orders.services.intake); subtotal (net), tax and total come with the pricing.
    """

    # Plain columns first: intake names each of them.
    amazon_trip_id = models.CharField(_("trip id"), max_length=255, editable=False)
    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="trips", db_index=False, editable=False, verbose_name=_("store")
    )
    entry = models.CharField(_("entry"), max_length=4, choices=Entry.choices, editable=False)
    request_id = models.CharField(_("request id"), max_length=36, editable=False)
    shopper_id = models.CharField(_("shopper id"), max_length=255, blank=True, editable=False)
    item_count = models.PositiveIntegerField(_("item count"), editable=False, help_text=_("Lines in Amazon's cart."))
    started_at = models.DateTimeField(_("started at"), editable=False)
    ended_at = models.DateTimeField(_("ended at"), editable=False)
    received_at = models.DateTimeField(_("received at"), db_default=Now(), editable=False)

    member = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        null=True,
        related_name="trips",
        db_index=False,
        editable=False,
        verbose_name=_("member"),
    )
    state = FSMField(_("state"), choices=TripState.choices, default=TripState.RECEIVED, protected=True, editable=False)
    currency = CurrencyField(_("currency"), blank=True, db_default="", editable=False)
    subtotal = AmountField(_("subtotal"), null=True, editable=False)
    tax = AmountField(_("tax"), null=True, editable=False)
    total = AmountField(_("total"), null=True, editable=False)

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [
            due_index("trip_due"),
            models.Index(fields=["-received_at", "-id"], name="trip_by_time"),
            models.Index(fields=["store", "-received_at", "-id"], name="trip_by_store"),
            models.Index(fields=["state", "-received_at", "-id"], name="trip_by_state"),
            models.Index(fields=["entry", "-received_at", "-id"], name="trip_by_entry"),
            # The states in which few trips end: nearly every trip passes this one by.
            models.Index(
                fields=["store", "state", "-received_at", "-id"],
                name="trip_by_store_and_rare_state",
                condition=Q(state__in=RARE),
            ),
            # Partial, so that intake, which knows no member yet, does not pay for it.
            models.Index(fields=["member", "-received_at"], name="trip_by_member", condition=Q(member__isnull=False)),
            # Who came in some days, read from the index alone.
            models.Index(
                fields=["store", "-received_at", "member"],
                name="trip_of_member_by_store",
                condition=Q(member__isnull=False),
            ),
            models.Index(
                fields=["total", "-received_at", "-id"], name="trip_by_total", condition=Q(total__isnull=False)
            ),
        ]
        constraints = [
            # One index for whole ids and for their beginnings; `unique=True` would make two, and each costs intake.
            models.UniqueConstraint(
                fields=["amazon_trip_id"], name="one_trip_per_amazon_id", opclasses=["varchar_pattern_ops"]
            ),
            models.CheckConstraint(condition=_TOTAL_ADDS_UP, name="trip_total_is_subtotal_and_tax"),
            # By this they are found who wait for a price.
            models.CheckConstraint(
                condition=~Q(state=TripState.RECEIVED) | Q(next_attempt_at__isnull=False), name="received_trip_is_due"
            ),
        ]
        permissions = [("mark_seen", gettext_noop("Can say that what needs a look has been looked at"))]
        verbose_name = _("trip")
        verbose_name_plural = _("trips")

    def __str__(self) -> str:
        return self.amazon_trip_id

    @property
    def purchase_id(self) -> str:
        """What Amazon got as purchaseId; empty for an empty cart. Amazon: cc_checkout_service_store_war."""
        return purchase_id(self.pk, self.item_count)

    @property
    def flow(self) -> PaymentFlow:
        return self.store.flow(is_app=self.entry == Entry.APP)

    @property
    def deadline(self) -> datetime:
        """When the card's token has probably ended: a warning for staff, never a reason not to ask Amazon."""
        return self.started_at + timedelta(hours=settings.PAYMENT_DEADLINE_HOURS)

    def is_near_deadline(self, now: datetime) -> bool:
        warn_at = self.deadline - timedelta(hours=settings.PAYMENT_DEADLINE_WARNING_HOURS)
        return self.state in UNCOLLECTED and now >= warn_at

    @transition(field=state, source=[TripState.RECEIVED, TripState.REVIEW], target=TripState.REVIEW)
    def hold_for_review(self) -> None:
        """An item cannot be priced."""

    @transition(field=state, source=[TripState.RECEIVED, TripState.REVIEW], target=TripState.PRICED)
    def mark_priced(self) -> None:
        """All items are priced and the totals stand."""

    @transition(
        field=state,
        source=[TripState.PRICED, TripState.FAILED, TripState.UNPAID, TripState.PARTLY_PAID],
        target=TripState.COLLECTING,
    )
    def start_collecting(self) -> None:
        """Somebody is about to be asked for the money."""

    @transition(field=state, source=TripState.COLLECTING, target=TripState.PAID)
    def mark_paid(self) -> None: ...

    @transition(field=state, source=[TripState.COLLECTING, TripState.FAILED], target=TripState.PARTLY_PAID)
    def mark_partly_paid(self) -> None: ...

    @transition(field=state, source=[TripState.COLLECTING, TripState.FAILED], target=TripState.UNPAID)
    def mark_unpaid(self) -> None: ...

    @transition(
        field=state,
        source=[TripState.COLLECTING, TripState.UNPAID, TripState.EXPIRED, TripState.FAILED],
        target=TripState.NO_CHARGE,
    )
    def mark_no_charge(self) -> None:
        """Nothing is to be paid, perhaps only since staff adjusted the trip."""

    @transition(field=state, source=TripState.COLLECTING, target=TripState.EXPIRED)
    def mark_expired(self) -> None: ...

    @transition(field=state, source=TripState.COLLECTING, target=TripState.FAILED)
    def mark_failed(self) -> None: ...

    @transition(
        field=state,
        source=[TripState.UNPAID, TripState.PARTLY_PAID, TripState.EXPIRED, TripState.FAILED],
        target=TripState.PAID,
    )
    def settle_debt(self) -> None:
        """The last of the total has been paid later."""

    @transition(
        field=state,
        source=[TripState.UNPAID, TripState.PARTLY_PAID, TripState.EXPIRED, TripState.FAILED],
        target=TripState.PARTLY_PAID,
    )
    def settle_part_of_debt(self) -> None: ...


def purchase_id(trip_pk: int, item_count: int) -> str:
    return f"{PURCHASE_PREFIX}{trip_pk:09d}" if item_count else ""


class Cart(models.Model):
    """The body of Amazon's call, byte for byte, as it created the trip."""

    trip = models.OneToOneField(Trip, on_delete=models.PROTECT, primary_key=True)
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"cart of {self.trip_id}"


class DivergentCart(Seen):
    """A later call for a known trip with another body. The first one stands; a person must look at this one."""

    trip = models.ForeignKey(Trip, on_delete=models.PROTECT, related_name="divergent_carts")
    body = models.BinaryField()
    digest = models.CharField(max_length=64)
    request_id = models.CharField(max_length=36)
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["received_at"]
        indexes = [unseen_index("divergent_cart_unseen")]
        constraints = [models.UniqueConstraint(fields=["trip", "digest"], name="one_row_per_divergent_body")]
        verbose_name = _("divergent cart")
        verbose_name_plural = _("divergent carts")

    def __str__(self) -> str:
        return f"another cart for {self.trip_id}"


class TripIdentity(models.Model):
    """An id that a cart names for whoever shopped: shopperIdentity.id, or a scanResult.id.

    Written by the worker that prices the trip; by it a trip finds its member, also one who becomes known later.
    """

    trip = models.ForeignKey(Trip, on_delete=models.CASCADE, related_name="identities")
    value = models.CharField(max_length=255, db_index=True)
    rank = models.PositiveSmallIntegerField(help_text="0: who pays; then who entered; then who was scanned inside.")

    class Meta:
        ordering = ["rank", "id"]
        constraints = [models.UniqueConstraint(fields=["trip", "value"], name="one_row_per_trip_and_identity")]

    def __str__(self) -> str:
        return self.value


class DashCartTotal(models.Model):
    """What a Dash Cart's trip costs as it was last previewed; captured if no finished cart says otherwise."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    amazon_trip_id = models.CharField(max_length=255)
    total = AmountField()
    currency = CurrencyField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "amazon_trip_id"], name="one_total_per_dash_cart_trip")]

    def __str__(self) -> str:
        return f"Dash Cart {self.amazon_trip_id}"


class Line(models.Model):
    """One item of the cart with a quantity. Unpriced while `problem` says why; `total` includes the tax.

    As staff have adjusted it: what Amazon sent stands in the cart, what it was before in its `changes`.
    """

    trip = models.ForeignKey(Trip, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    sku = models.CharField("SKU", max_length=255, help_text="As Amazon sent it: a SKU or a scanned code.")
    is_scan_code = models.BooleanField(default=False)
    barcodes = models.JSONField(default=list)
    line_item_id = models.CharField(max_length=255, blank=True)
    quantity = models.DecimalField(max_digits=20, decimal_places=10)
    unit = models.CharField(max_length=255)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200, blank=True)
    unit_price = AmountField(null=True)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    tax = AmountField(null=True)
    total = AmountField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["trip", "position"], name="one_line_per_position")]
        verbose_name = _("line")
        verbose_name_plural = _("lines")

    def __str__(self) -> str:
        return f"{self.plain_quantity} × {self.name or self.sku}"

    @property
    def net(self) -> Decimal | None:
        return None if self.total is None or self.tax is None else self.total - self.tax

    @property
    def product_sku(self) -> str:
        """The retailer's SKU where the product is known, else what Amazon sent."""
        return self.product.sku if self.product else self.sku

    @property
    def was(self) -> "AdjustmentLine | None":
        """What it was before staff changed it for the first time; None where nobody did."""
        return min(self.changes.all(), key=lambda change: change.pk, default=None)

    @property
    def plain_quantity(self) -> str:
        """`2`, `0.347`: without the column's trailing zeros."""
        return f"{self.quantity.normalize():f}"


class TripEvent(models.Model):
    """Something that happened to a trip besides money. Append-only."""

    class Kind(models.TextChoices):
        DIVERGED = "diverged", _("another cart received")
        HELD = "held", _("held for review")
        PRODUCT_CHOSEN = "product_chosen", _("product chosen")
        PRICED = "priced", _("priced")
        ADJUSTED = "adjusted", _("adjusted")
        CONTESTED = "contested", _("contested by the shopper")
        CONTEST_DECIDED = "contest_decided", _("contest decided")
        DEADLINE_NEAR = "deadline_near", _("deadline is near")
        NOTED = "noted", _("note")
        RECEIPT_ASKED = "receipt_asked", _("receipt to be sent again")
        SEEN = "seen", _("looked at")

    trip = models.ForeignKey(Trip, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=150, default="system")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    amount = AmountField(null=True)
    detail = models.TextField(blank=True)
    store = StoreOfAct()
    request_id = RequestIdField(help_text="Of a note: the form's, so that sending it twice makes one.")

    class Meta:
        ordering = ["at", "id"]
        permissions = [("add_note", gettext_noop("Can add a note for colleagues to a trip"))]
        indexes = [*act_indexes("trip_event"), AppendedIndex(fields=["at"], name="trip_event_by_time")]
        constraints = [
            models.UniqueConstraint(
                fields=["trip", "request_id"], condition=Q(kind="noted"), name="one_note_per_trip_and_form"
            ),
            models.UniqueConstraint(
                fields=["trip"], condition=Q(kind="deadline_near"), name="one_deadline_warning_per_trip"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.trip_id})"


class Adjustment(models.Model):
    """Staff changed what a trip's items are or cost. Append-only: a correction is another one.

    Its key makes a double click one row. A trip that was in review had no total before.
    """

    trip = models.ForeignKey(Trip, on_delete=models.PROTECT, related_name="adjustments", editable=False)
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.CharField(max_length=150, editable=False)
    reason = models.CharField(max_length=20, choices=AdjustmentReason.choices, editable=False)
    note = models.TextField(blank=True, editable=False)
    total_before = AmountField(null=True, editable=False)
    total_after = AmountField(editable=False)

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=Q(total_after__gte=0), name="adjusted_total_not_negative")]

    def __str__(self) -> str:
        return f"adjustment of {self.trip}"


class AdjustmentLine(models.Model):
    """What an adjustment made of one line. One that was added had a quantity of zero before, and no price."""

    adjustment = models.ForeignKey(Adjustment, on_delete=models.PROTECT, related_name="lines", editable=False)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="changes", editable=False)
    quantity_before = models.DecimalField(max_digits=20, decimal_places=10, editable=False)
    quantity_after = models.DecimalField(max_digits=20, decimal_places=10, editable=False)
    unit_price_before = AmountField(null=True, editable=False)
    unit_price_after = AmountField(null=True, editable=False)
    tax_before = AmountField(null=True, editable=False)
    tax_after = AmountField(null=True, editable=False)
    total_before = AmountField(null=True, editable=False)
    total_after = AmountField(null=True, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["adjustment", "line"], name="one_row_per_adjustment_and_line"),
            models.CheckConstraint(condition=Q(quantity_after__gte=0), name="adjusted_quantity_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.line} in {self.adjustment}"

    @property
    def is_added(self) -> bool:
        return not self.quantity_before and self.unit_price_before is None
