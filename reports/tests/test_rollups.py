"""The roll-ups say what trips, lines and events say, row by row, however often and by whomever they are made."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from loyalty.models import Member
from orders.models import Line, Trip
from orders.services.members import link_trips_of
from orders.services.pricing import price_trip
from payments.models import CardDetails, Charge, PaymentEvent, Refund
from payments.services.debts import settle
from payments.tasks import fetch_cards_due
from payments.tests.admin_rows import a_line, a_trip, an_event, paid_trip, review_trip
from payments.tests.trips import (
    a_store,
    captured_trip,
    collected,
    fresh,
    make_due,
    priced_trip,
    queued_refund,
    received_trip,
    sent,
    stage,
)
from reports.models import TABLES, DebtDay, DirtyDay, Fold, HourDay, ProductDay, RefundDay, TripDay
from reports.services import folding, horizon
from reports.tasks import fold_due, look_again
from reports.tests.rows import local_day
from sandbox.testing import SandboxProcess
from stores.models import Store

pytestmark = pytest.mark.django_db


def fold() -> None:
    """As a worker whose time has come."""
    Fold.objects.update(next_attempt_at=datetime(2020, 1, 1, tzinfo=UTC))
    fold_due()


def stands() -> dict[str, set[tuple[Any, ...]]]:
    return {
        model.__name__: set(model._default_manager.values_list("store", "day", *model.values_in())) for model in TABLES
    }


def rebuilt(*options: str) -> str:
    output = StringIO()
    call_command("rebuild_rollups", *options, stdout=output)
    return output.getvalue()


def by_hand() -> dict[tuple[int, date, str], dict[str, Decimal]]:
    """Trip by trip and event by event, in Python: what the tables must come to for each store, day and currency."""
    sums: dict[tuple[int, date, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for trip in Trip.objects.select_related("store"):
        found = sums[trip.store_id, local_day(trip.received_at, trip.store), trip.currency]
        found["trips"] += 1
        for name, amount in (("gross", trip.total), ("net", trip.subtotal), ("tax", trip.tax)):
            found[name] += amount or 0
    for charge in Charge.objects.select_related("trip__store"):
        trip = charge.trip
        found = sums[trip.store_id, local_day(trip.received_at, trip.store), trip.currency]
        found["captured"] += charge.captured
        found[f"by {brand_of(charge)}"] += charge.captured
        if trip.state in {"unpaid", "partly_paid", "expired", "failed"}:
            found["unpaid"] += charge.outstanding
    for event in PaymentEvent.objects.filter(kind="refund", phase="succeeded").select_related("charge__trip__store"):
        store = event.charge.trip.store
        sums[store.pk, local_day(event.at, store), event.currency]["refunded"] += event.amount or 0
    for event in PaymentEvent.objects.filter(kind="debt").select_related("charge__trip__store"):
        store = event.charge.trip.store
        sums[store.pk, local_day(event.at, store), event.currency][f"debt {event.phase}"] += event.amount or 0
    for line in Line.objects.filter(trip__total__isnull=False).select_related("trip__store"):
        trip = line.trip
        sums[trip.store_id, local_day(trip.received_at, trip.store), trip.currency]["of lines"] += line.total or 0
    return _without_zeros(sums)


def brand_of(charge: Charge) -> str:
    card = CardDetails.objects.filter(charge=charge).first()
    if card is None:
        return ""
    return "awaited" if card.next_attempt_at else card.brand


def from_tables() -> dict[tuple[int, date, str], dict[str, Decimal]]:
    sums: dict[tuple[int, date, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in TripDay.objects.all():
        for name in ("trips", "gross", "net", "tax", "captured", "unpaid"):
            sums[row.store_id, row.day, row.currency][name] += getattr(row, name)
        sums[row.store_id, row.day, row.currency][f"by {row.brand}"] += row.captured
    for refund in RefundDay.objects.all():
        sums[refund.store_id, refund.day, refund.currency]["refunded"] += refund.amount
    for debt in DebtDay.objects.all():
        sums[debt.store_id, debt.day, debt.currency][f"debt {debt.phase}"] += debt.amount
    for product in ProductDay.objects.all():
        sums[product.store_id, product.day, product.currency]["of lines"] += product.total
    hours: dict[tuple[int, date, str], int] = defaultdict(int)
    for hour in HourDay.objects.all():
        hours[hour.store_id, hour.day, hour.currency] += hour.trips
    assert hours == {key: found["trips"] for key, found in sums.items() if found["trips"]}
    return _without_zeros(sums)


def _without_zeros(sums: Any) -> Any:
    found = {key: {name: amount for name, amount in row.items() if amount} for key, row in sums.items()}
    return {key: row for key, row in found.items() if row}


@pytest.fixture
def history(sandbox: SandboxProcess) -> None:
    """What happens to trips, in two stores and currencies, by the services themselves."""
    tokyo = a_store("TOKYO", time_zone="Asia/Tokyo", currency="JPY")
    trip = captured_trip(sandbox, ("6.25", "2"), ("1.50", "1"), tax_rate="10")
    sent(queued_refund(trip, quantities={trip.lines.get(sku="AT-6.25").pk: 1}))
    sent(queued_refund(captured_trip(sandbox), "2.35", reason_label="Wrong price"))
    captured_trip(sandbox, ("150", "3"), store=tokyo)
    owing = collected(priced_trip(("6.00", "1"), trip_id=f"declined-payment-trip-uuid-{uuid4()}"))
    settle(owing.charge.debt, key=uuid4(), amount=Decimal("2.50"), means="cash", actor="clerk")
    priced_trip(("9.99", "1"))
    received_trip(("1.00", "1"))


def test_they_say_what_happened_row_by_row(history: None) -> None:
    fold()

    assert from_tables() == by_hand()
    reasons = set(RefundDay.objects.values_list("reason", "person", "refunds"))
    assert reasons == {("damaged item", "manager", 1), ("Wrong price", "manager", 1)}


def test_folding_twice_and_rebuilding_change_nothing(history: None) -> None:
    fold()
    first = stands()

    fold()
    assert stands() == first
    rebuilt()
    assert stands() == first
    for model in TABLES:
        model._default_manager.all().delete()
    rebuilt()
    assert stands() == first


def test_a_trip_is_followed_from_day_to_day(sandbox: SandboxProcess) -> None:
    """Each step leaves an event, by which its day is found."""
    fold()
    trip = received_trip(("10.00", "1"))
    for step in (lambda: None, lambda: price(trip), lambda: take(sandbox, trip), lambda: give_back(trip)):
        step()
        fold()
        assert from_tables() == by_hand()
        (row,) = TripDay.objects.all()
        assert row.state == Trip.objects.get().state
    assert RefundDay.objects.get().amount == Decimal("3.00")


def price(trip: Trip) -> None:
    price_trip(trip.pk)


def take(sandbox: SandboxProcess, trip: Trip) -> None:
    stage(sandbox, trip)
    collected(fresh(trip))


def give_back(trip: Trip) -> None:
    sent(queued_refund(fresh(trip), "3.00"))


def test_many_days_at_once_are_done_by_and_by(history: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a time without workers: more than is done in one go."""
    fold()
    monkeypatch.setattr(folding, "MOST_CHANGED", 1)
    monkeypatch.setattr(folding, "MOST_DIRTY", 1)
    Trip.objects.update(total=Decimal(7), subtotal=Decimal(7), tax=Decimal(0))
    Fold.objects.update(at=datetime.now(UTC) - timedelta(days=1))

    fold()

    assert from_tables()[Store.objects.get(external_id="TOKYO").pk, *_tokyo_today()]["gross"] == Decimal(7)
    assert not DirtyDay.objects.exists()


def _tokyo_today() -> tuple[date, str]:
    return datetime.now(ZoneInfo("Asia/Tokyo")).date(), "JPY"


def test_what_was_there_before_anybody_folded_is_found(sandbox: SandboxProcess) -> None:
    paid_trip(started_at=datetime.now(UTC) - timedelta(days=40))

    fold()

    assert TripDay.objects.get().trips == 1


def test_a_member_who_becomes_known_later_counts_for_earlier_trips(sandbox: SandboxProcess) -> None:
    priced_trip(("10.00", "1"), shopper="app-7")
    fold()
    assert not TripDay.objects.get().is_member

    link_trips_of(Member.objects.create(external_id="ada"), ["app-7"])
    fold()

    assert TripDay.objects.get().is_member


def test_a_store_in_another_time_zone_has_other_days() -> None:
    store = a_store()
    trip = paid_trip(store=store)
    day = (datetime.now(UTC) - timedelta(days=3)).date()
    Trip.objects.filter(pk=trip.pk).update(received_at=datetime(day.year, day.month, day.day, 16, tzinfo=UTC))
    fold()
    assert TripDay.objects.get().day == day

    Store.objects.filter(pk=store.pk).update(time_zone="Asia/Tokyo")
    fold()

    assert TripDay.objects.get().day == day + timedelta(days=1)
    assert not DirtyDay.objects.exists()


def test_a_charge_that_ends_without_an_event_is_looked_at_again() -> None:
    trip = a_trip("collecting", total="5.00")
    Charge.objects.create(trip=trip, state="capturing", flow="OWN_PROCESSOR", currency="USD", amount=Decimal(5))
    fold()
    Trip.objects.filter(pk=trip.pk).update(state="failed")
    fold()
    assert TripDay.objects.get().state == "collecting"

    look_again()
    fold()

    assert TripDay.objects.get().state == "failed"


def test_a_card_that_is_told_after_the_capture_is_looked_at_again(
    sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No event says so."""
    monkeypatch.setattr(horizon, "MARGIN", timedelta(0))
    trip = captured_trip(sandbox)
    fold()
    assert TripDay.objects.get().brand == "awaited"
    make_due(CardDetails, trip.charge.card.pk)
    fetch_cards_due()
    fold()
    assert TripDay.objects.get().brand == "awaited"

    look_again()
    fold()

    assert TripDay.objects.get().brand == sandbox.trip(trip.amazon_trip_id)["brand"] != ""
    assert "agree" in rebuilt("--check")
    look_again()
    assert not DirtyDay.objects.exists()


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 11, 1), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("Asia/Kolkata", date(2026, 11, 1), 24),
    ],
)
def test_a_day_has_as_many_hours_as_its_clock(zone: str, day: date, hours: int) -> None:
    store = a_store("CLOCK", time_zone=zone)
    begin = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for number in range(-1, hours + 1):
        trip = a_trip("paid", total="1.00", store=store)
        Trip.objects.filter(pk=trip.pk).update(received_at=begin + timedelta(hours=number, minutes=10))

    rebuilt("--from", str(day), "--to", str(day))

    of_day = list(HourDay.objects.filter(day=day).order_by("hour").values_list("hour", "trips"))
    assert of_day == [(begin + timedelta(hours=number), 1) for number in range(hours)]
    assert TripDay.objects.get(day=day).trips == hours


def test_items_are_pieces_and_what_is_weighed_is_one() -> None:
    trip = a_trip("paid", total="9.00")
    a_line(trip, "APPLE", quantity="3", total="6.00")
    a_line(trip, "CHEESE", quantity="0.347", total="3.00", unit="kg")

    fold()

    row = TripDay.objects.get()
    assert (row.items, row.baskets) == (Decimal(4), 1)


def test_items_that_nobody_knows_are_counted_until_somebody_says_what_they_are() -> None:
    review_trip("MYSTERY")

    fold()

    row = ProductDay.objects.get()
    assert (row.product_id, row.code, row.unknown, row.total) == (None, "MYSTERY", 1, Decimal(0))


def test_the_command_says_what_differs_and_puts_it_right() -> None:
    paid_trip()
    fold()
    assert "agree" in rebuilt("--check")

    TripDay.objects.update(gross=Decimal("1.00"))
    with pytest.raises(CommandError, match="1 tables of a day differ"):
        rebuilt("--check")
    assert "of which 1 differed" in rebuilt()

    assert "agree" in rebuilt("--check")
    assert TripDay.objects.get().gross == Decimal("6.88")


def test_the_command_takes_one_store_and_some_days() -> None:
    here, there = a_store("HERE"), a_store("THERE")
    for store in (here, there):
        paid_trip(store=store)
        paid_trip(store=store, started_at=datetime.now(UTC) - timedelta(days=9))
    since = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()

    rebuilt("--store", "HERE", "--from", since)

    assert TripDay.objects.count() == 1
    with pytest.raises(CommandError, match="There is no store ELSEWHERE"):
        rebuilt("--store", "ELSEWHERE")
    with pytest.raises(CommandError, match="--to is before --from"):
        rebuilt("--from", "2026-02-02", "--to", "2026-02-01")


def test_amounts_of_many_trips_come_to_the_cent() -> None:
    """SQLite adds in floating point: 0.1 + 0.2."""
    store = a_store()
    for _ in range(30):
        a_trip("paid", total="0.10", store=store)
        a_trip("paid", total="0.20", store=store)

    fold()

    assert sum(TripDay.objects.values_list("gross", flat=True), Decimal(0)) == Decimal("9.00")


def test_the_last_of_several_refunds_belongs_to_its_own_day() -> None:
    """Refunds are counted when they were done, with the day of the trip beside."""
    trip = paid_trip("10.00", started_at=datetime.now(UTC) - timedelta(days=5))
    refund = Refund.objects.create(
        charge=trip.charge, amount=Decimal(2), currency="USD", state="done", reason="OTHER", requested_by="ann"
    )
    an_event(trip.charge, "refund", "succeeded", "2.00", key=refund.event_key)

    fold()

    row = RefundDay.objects.get()
    assert row.day == local_day(datetime.now(UTC), trip.store)
    assert row.trip_day == local_day(trip.received_at, trip.store)
