"""What members paid into their house accounts, as the journal books it: of no store, on the day it was noted.

That day is where today is the stores' (reports.query.zone_of). Read from the lines themselves, for they are few, and a
roll-up is a store's.
"""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, Value, When
from django.db.models.functions import TruncDate

from core.money import ZERO
from payments.models import AccountEntry
from reports.models.journal import Account, Booking
from reports.query import Query, span_of_days, zone_of
from reports.services.sums import summed
from stores.models import Processor


def booked_payments(query: Query) -> Iterator[dict[str, Any]]:
    """Each side as a group of JournalDay's would be, with its sums."""
    zone = zone_of(list(query.stores))
    span = span_of_days(query, zone)
    lines = AccountEntry.objects.filter(store__isnull=True, at__gte=span.start, at__lt=span.end).order_by()
    groups = lines.values(
        "currency",
        booked_on=TruncDate("at", tzinfo=ZoneInfo(zone)),
        booking=Case(When(amount__lt=0, then=Value(Booking.PAID_IN)), default=Value(Booking.PAID_OUT)),
    )
    for group in groups.annotate(owed=summed("amount"), lines=Count("pk")):
        about = {name: group[name] for name in ("currency", "booked_on", "booking")}
        about |= {"store": None, "tax_rate": None, "flow": "", "processor": Processor.HOUSE_ACCOUNT.value}
        owed = group["owed"]
        for account, debit in ((Account.PAID_IN, -owed), (Processor.HOUSE_ACCOUNT, owed)):
            sums = {"sum_debit": max(debit, ZERO), "sum_credit": max(-debit, ZERO), "sum_count": group["lines"]}
            yield about | sums | {"account": account.value}
