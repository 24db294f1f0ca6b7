"""The taxes within the sales of one day, by rate."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count

from core.money import rounded
from orders.models import Line
from reports.days import span_of
from reports.services.sums import rate_of_line, summed
from stores.models import Store


class RateSum(NamedTuple):
    """`rate` in percent; `gross` includes the tax."""

    rate: Decimal
    lines: int
    tax: Decimal
    gross: Decimal


def taxes(store: Store, day: date) -> dict[str, list[RateSum]]:
    """By currency. Of the lines themselves, so of one store and day only. One statement."""
    span = span_of(day, store.time_zone)
    came = Line.objects.filter(trip__store=store, trip__received_at__gte=span.start, trip__received_at__lt=span.end)
    groups: Any = came.filter(trip__total__isnull=False).annotate(rate=rate_of_line()).order_by("rate")
    found: dict[str, list[RateSum]] = {}
    for group in groups.values("rate", "trip__currency").annotate(
        lines=Count("pk"), taxes=summed("tax"), worth=summed("total")
    ):
        currency = group["trip__currency"]
        amounts = (rounded(group[name], currency) for name in ("taxes", "worth"))
        found.setdefault(currency, []).append(RateSum(group["rate"], group["lines"], *amounts))
    return found
