"""What came on a day: trips, and what they took."""

from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, F, Q, Sum, Value, When
from django.db.models.functions import Coalesce, Lower, Trim

from core.money import ZERO, rounded
from orders.models import Line
from orders.pricing import UNITS
from payments.services.home import NOT_COLLECTED
from reports.models import BRAND_AWAITED, HourDay, TripDay
from reports.services.hours import past_the_hour, utc_hour
from reports.services.same_day import SameDay
from reports.services.sums import QUANTITY, currency_of, in_seconds, lasting, summed

_COSTS = Q(total__gt=0)
_KINDS = ("in_store", "in_currency", "by_entry", "flow", "processor", "brand", "is_member", "in_state")


def _kinds_of_trips(path: str = "") -> dict[str, Any]:
    """What tells trips apart, seen from a trip or, along `path`, from one of its lines."""
    return {
        "in_store": F(f"{path}store"),
        "in_currency": currency_of(path),
        "by_entry": F(f"{path}entry"),
        "in_state": F(f"{path}state"),
        "flow": Coalesce(f"{path}charge__flow", Value("")),
        "processor": Coalesce(f"{path}charge__processor", Value("")),
        "brand": Case(
            When(**{f"{path}charge__card__next_attempt_at__isnull": False}, then=Value(BRAND_AWAITED)),
            default=Coalesce(f"{path}charge__card__brand", Value("")),
        ),
        "is_member": Case(When(**{f"{path}member__isnull": False}, then=Value(True)), default=Value(False)),
    }


def trip_days(same: SameDay) -> Iterator[TripDay]:
    outstanding = F("charge__amount") - F("charge__captured") - F("charge__settled")
    groups: Iterable[Any] = (
        same.came()
        .values(**_kinds_of_trips())
        .annotate(
            trips=Count("pk"),
            baskets=Count("pk", filter=_COSTS),
            gross=summed("total"),
            net=summed("subtotal"),
            taxes=summed("tax"),
            taken=summed("charge__captured"),
            left=summed(outstanding, filter=Q(state__in=NOT_COLLECTED)),
            dwell=lasting("ended_at", "started_at"),
            charged=Count("charge__captured_at"),
            until_charged=lasting("charge__captured_at", "ended_at"),
        )
    )
    items = _items_of_trips(same)
    for group in groups:
        currency = group["in_currency"]
        yield TripDay(
            store_id=group["in_store"],
            day=same.day,
            currency=currency,
            entry=group["by_entry"],
            state=group["in_state"],
            flow=group["flow"],
            processor=group["processor"],
            brand=group["brand"],
            is_member=group["is_member"],
            trips=group["trips"],
            baskets=group["baskets"],
            items=items.get(_key(group), ZERO),
            gross=rounded(group["gross"], currency),
            net=rounded(group["net"], currency),
            tax=rounded(group["taxes"], currency),
            captured=rounded(group["taken"], currency),
            unpaid=rounded(group["left"], currency),
            dwell_seconds=in_seconds(group["dwell"]),
            charged=group["charged"],
            charged_seconds=in_seconds(group["until_charged"]),
        )


def _items_of_trips(same: SameDay) -> dict[tuple[object, ...], Any]:
    """Pieces; what is weighed counts as one, and what staff have taken out as none."""
    is_counted = Q(spelt__in=UNITS["unit"])
    pieces = Case(
        When(is_counted, then=F("quantity")),
        When(quantity__gt=0, then=Value(1)),
        default=Value(0),
        output_field=QUANTITY,
    )
    lines = Line.objects.filter(**same.within("trip__received_at", "trip__store"), trip__total__gt=0)
    groups = lines.order_by().annotate(spelt=Lower(Trim("unit"))).values(**_kinds_of_trips("trip__"))
    items: Iterable[Any] = groups.annotate(items=Sum(pieces))
    return {_key(group): group["items"] for group in items}


def _key(group: dict[str, Any]) -> tuple[object, ...]:
    return tuple(group[name] for name in _KINDS)


def hours(same: SameDay) -> Iterator[HourDay]:
    late, zone = past_the_hour(same.span), ZoneInfo(same.zone)
    began = utc_hour("received_at", same.span)
    groups = same.came().values(in_store=F("store"), in_currency=currency_of(), began=began)
    for group in groups.annotate(trips=Count("pk"), gross=summed("total")):
        currency, began_at = group["in_currency"], group["began"] + late
        yield HourDay(
            store_id=group["in_store"],
            day=same.day,
            currency=currency,
            hour=began_at,
            oclock=began_at.astimezone(zone).hour,
            trips=group["trips"],
            gross=rounded(group["gross"], currency),
        )
