"""Shoppers who say that a cart is not theirs, or not right."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django_fsm import FSMField, FSMModelMixin, transition

from core.work import due_index
from orders.models import Adjustment, Line, Trip
from payments.models.mailings import Mailing
from payments.models.refunds import Refund
from payments.states import ContestState
from stores.models import Product, Store

S = ContestState


class ContestedCart(FSMModelMixin, models.Model):
    """A shopper contests a trip. Somebody with the right decides: it is adjusted, refunded or rejected.

    Its key makes one row of what is sent twice.
    """

    trip = models.ForeignKey(
        Trip, on_delete=models.PROTECT, related_name="contests", editable=False, verbose_name=_("trip")
    )
    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="+", db_index=False, editable=False, verbose_name=_("store")
    )
    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    state = FSMField(_("state"), choices=S.choices, default=S.OPEN, protected=True, editable=False)
    message = models.TextField(_("message"), blank=True, editable=False, help_text=_("What the shopper says."))
    opened_by = models.CharField(_("opened by"), max_length=150, editable=False)
    opened_at = models.DateTimeField(_("opened at"), db_default=Now(), editable=False)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, editable=False)
    note = models.TextField(
        _("note"), blank=True, editable=False, help_text=_("Why it was decided so, for colleagues.")
    )
    adjustment = models.OneToOneField(
        Adjustment, on_delete=models.PROTECT, null=True, editable=False, verbose_name=_("adjustment")
    )
    refund = models.OneToOneField(Refund, on_delete=models.PROTECT, null=True, editable=False, verbose_name=_("refund"))

    class Meta:
        ordering = ["-opened_at", "-id"]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="contest_by_time"),
            models.Index(fields=["store", "-opened_at", "-id"], name="contest_by_store"),
            models.Index(fields=["opened_at"], name="contest_open", condition=Q(state=S.OPEN)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=S.OPEN, decided_at__isnull=True) | (~Q(state=S.OPEN) & Q(decided_at__isnull=False)),
                name="decided_contest_says_when",
            ),
        ]
        verbose_name = _("contested cart")
        permissions = [
            ("open_contestedcart", gettext_noop("Can note that a shopper contests a cart")),
            ("decide_contestedcart", gettext_noop("Can decide about a contested cart")),
        ]
        verbose_name_plural = _("contested carts")

    def __str__(self) -> str:
        return f"contested cart of {self.trip}"

    @transition(field=state, source=S.OPEN, target=S.ADJUSTED)
    def adjust(self) -> None: ...

    @transition(field=state, source=S.OPEN, target=S.REFUNDED)
    def refund_it(self) -> None: ...

    @transition(field=state, source=S.OPEN, target=S.REJECTED)
    def reject(self) -> None: ...


class ContestedLine(models.Model):
    """How much the shopper says they took: of a line of the cart, or of a product that is not in it."""

    contest = models.ForeignKey(ContestedCart, on_delete=models.PROTECT, related_name="lines", editable=False)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    quantity = models.DecimalField(max_digits=20, decimal_places=10, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(line__isnull=False, product__isnull=True) | Q(line__isnull=True, product__isnull=False),
                name="contested_line_is_one_or_the_other",
            ),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="contested_quantity_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.line or self.product}"


class ContestAnswer(Mailing):
    """What the shopper is told about their contest, by e-mail where their address is known."""

    contest = models.OneToOneField(ContestedCart, on_delete=models.PROTECT, related_name="answer", editable=False)
    text = models.TextField(editable=False)

    class Meta:
        indexes = [due_index("contest_answer_due")]
        verbose_name = _("contest answer")
        verbose_name_plural = _("contest answers")

    def __str__(self) -> str:
        return f"answer to {self.contest}"
