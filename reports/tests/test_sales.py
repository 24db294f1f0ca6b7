"""/reports/sales/: when the sales come about, and by which entry."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from core.tests.staff import staff_with
from orders.models import Trip
from reports.tests.pages import block_of, text_of
from reports.tests.rows import a_paid_trip, a_store, counted

pytestmark = pytest.mark.django_db

TUESDAY, WEDNESDAY = date(2026, 3, 10), date(2026, 3, 11)


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(staff_with("reports.view_reports", username="manager"))
    return client


def filled(block: Any) -> dict[tuple[str, str], Decimal]:
    """What is not zero, by hour and column."""
    return {(row["hour"], key): value for row in block.rows for key, value in row.items() if key != "hour" and value}


def test_by_hour_and_weekday_of_each_stores_own_clock(manager: Client) -> None:
    """One of the zones is half an hour off."""
    here, there = a_store(), a_store("Far shop", time_zone="Asia/Kolkata")
    a_paid_trip(here, TUESDAY, "10.00", hour=9)
    a_paid_trip(there, TUESDAY, "5.00", hour=9)
    a_paid_trip(here, WEDNESDAY, "2.00", hour=23)
    a_paid_trip(here, TUESDAY - timedelta(days=7), "4.00", hour=9)
    counted()

    question = f"from={TUESDAY}&to={WEDNESDAY + timedelta(days=5)}"
    sales = block_of(manager, f"/reports/sales/?{question}")
    trips = block_of(manager, f"/reports/sales/?{question}&group=trips")

    assert filled(sales) == {
        ("09:00", "tuesday"): Decimal(15),
        ("09:00", "all_days"): Decimal(15),
        ("23:00", "wednesday"): Decimal(2),
        ("23:00", "all_days"): Decimal(2),
    }
    assert len(sales.rows) == 24
    assert (sales.total["tuesday"], sales.total["all_days"]) == (Decimal(15), Decimal(17))
    assert (sales.before["tuesday"], sales.before["all_days"]) == (Decimal(4), Decimal(4))
    assert (filled(trips)["09:00", "tuesday"], trips.total["all_days"]) == (2, 3)


def test_an_hour_that_comes_twice_is_one_here(manager: Client) -> None:
    sunday = date(2026, 11, 1)
    first, second = (a_paid_trip(a_store(), sunday, "1.00", hour=1) for _ in range(2))
    Trip.objects.filter(pk=second.pk).update(received_at=first.received_at + timedelta(hours=1))
    counted()

    block = block_of(manager, f"/reports/sales/?from={sunday}&to={sunday}&compare=nothing")

    assert filled(block) == {("01:00", "sunday"): Decimal(2), ("01:00", "all_days"): Decimal(2)}


def test_the_deeper_the_more(manager: Client) -> None:
    a_paid_trip(a_store(), TUESDAY, "10.00", hour=9)
    a_paid_trip(a_store(), TUESDAY, "1.00", hour=10)
    counted()

    page = text_of(manager.get(f"/reports/sales/?from={TUESDAY}&to={TUESDAY}"))

    assert '<td class="bo-number rp-shade-5">$10.00</td>' in page
    assert '<td class="bo-number rp-shade-1">$1.00</td>' in page
    assert page.count("rp-shade") == 2


def test_by_store_and_entry(manager: Client) -> None:
    here, there = a_store(), a_store("Far shop")
    a_paid_trip(here, TUESDAY, "10.00")
    a_paid_trip(here, TUESDAY, "20.00")
    a_paid_trip(here, TUESDAY, "6.00", entry="APP")
    a_paid_trip(there, TUESDAY, "4.00")
    counted()

    block = block_of(manager, f"/reports/sales/?from={TUESDAY}&to={TUESDAY}&group=entry")

    assert [(row["store"], row["entry"], row["trips"], row["gross"], row["average_basket"]) for row in block.rows] == [
        ("Corner shop", "card", 2, Decimal(30), Decimal(15)),
        ("Corner shop", "app", 1, Decimal(6), Decimal(6)),
        ("Far shop", "card", 1, Decimal(4), Decimal(4)),
    ]
    assert [row["share"] for row in block.rows] == [Decimal("0.75"), Decimal("0.15"), Decimal("0.1")]
    assert (block.total["trips"], block.total["gross"]) == (4, Decimal(40))
