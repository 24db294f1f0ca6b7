"""The accountant's journal: what a day books, in double entry."""

from django.db import models

from core.fields import AmountField
from reports.models.rollups import DayRow


class Account(models.TextChoices):
    """Beside these, whoever collects is an account: a payment flow of Amazon's, or a processor (JournalDay.account)."""

    SHOPPERS = "shoppers", "Shoppers' debts"
    SALES = "sales", "Sales"
    TAX = "tax", "Tax payable"
    CASH = "cash", "Cash"
    TERMINAL = "terminal", "Card terminal"
    PAID_IN = "paid_in", "Payments into house accounts"
    WAIVED = "waived", "Waived debts"
    BAD_DEBTS = "bad_debts", "Bad debts"


class Booking(models.TextChoices):
    """What has happened."""

    SALE = "sale", "sale"
    TAKEN = "taken", "money taken"
    REFUND = "refund", "refund"
    PAID_BACK = "paid_back", "paid back, since the trip was adjusted"
    PAID_IN_STORE = "paid_in_store", "debt paid in the store"
    WAIVED = "waived", "debt waived"
    WRITTEN_OFF = "written_off", "debt written off"
    LOWERED = "lowered", "debt lowered, since the trip was adjusted"
    PAID_IN = "paid_in", "paid into a house account"
    PAID_OUT = "paid_out", "paid out of a house account"


class JournalDay(DayRow):
    """One side of a booking, summed over a kind of trips. `day` is that on which it is found: a sale and what was taken
    for it are computed with the trip's day, though the money may have been taken after midnight. It counts on
    `booked_on`.
    """

    booked_on = models.DateField()
    booking = models.CharField(max_length=20, choices=Booking.choices)
    account = models.CharField(max_length=20, help_text="One of Account, else who collects: a processor or a flow.")
    tax_rate = models.DecimalField(max_digits=6, decimal_places=3, null=True, help_text="In percent.")
    flow = models.CharField(max_length=20)
    processor = models.CharField(max_length=20)
    debit = AmountField()
    credit = AmountField()
    count = models.PositiveIntegerField(help_text="Of trips, refunds or debts.")

    class Meta(DayRow.Meta):
        indexes = [models.Index(fields=["store", "booked_on"], name="journal_by_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "day", "currency", "booked_on", "booking", "account", "tax_rate", "flow", "processor"],
                name="one_journal_day_per_kind",
            ),
            # The one above tells rows without a tax rate never apart.
            models.UniqueConstraint(
                fields=["store", "day", "currency", "booked_on", "booking", "account", "flow", "processor"],
                condition=models.Q(tax_rate__isnull=True),
                name="one_journal_day_without_rate",
            ),
            models.CheckConstraint(
                condition=models.Q(debit__gte=0, credit__gte=0) & (models.Q(debit=0) | models.Q(credit=0)),
                name="journal_day_has_one_side",
            ),
        ]
