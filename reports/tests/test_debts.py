"""/reports/debts/: what is opened, paid and given up, and what stays open."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Sum
from django.test import Client

from core.tests.staff import staff_with
from orders.models import Trip
from payments.models import Debt
from payments.services.collection import retry_charge
from payments.services.debts import settle, write_off
from payments.tests.admin_rows import a_charge, a_debt, a_trip
from payments.tests.trips import TEN, collected, fresh, priced_trip
from reports.tests.pages import block_of, cards_of
from reports.tests.rows import a_paid_trip, a_store, counted, happened_to_debt
from sandbox.testing import SandboxProcess

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 10)


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(staff_with("reports.view_reports", username="manager"))
    return client


def declined(magic: str = "declined-payment") -> Trip:
    return collected(priced_trip(TEN, trip_id=f"{magic}-trip-uuid-{uuid4()}"))


def paid(trip: Trip, amount: str, means: str = "cash") -> None:
    debt = fresh(trip).charge.debt
    settle(debt, key=uuid4(), amount=Decimal(amount), means=means, actor="clerk", note="as agreed")


def test_what_became_of_debts_and_what_is_open(manager: Client, sandbox: SandboxProcess) -> None:
    """By the services themselves; what is open by the reports is what the debts themselves say."""
    paid(declined(), "4.00", "terminal")
    by_card = declined("declined-once")
    retry_charge(by_card.charge, actor="manager")
    collected(by_card)
    paid(declined(), "3.00", "waived")
    given_up = declined()
    paid(given_up, "1.00")
    write_off(given_up.charge.debt, actor="manager", note="Not found for a year.")
    paid(given_up, "5.00")
    counted()

    block = block_of(manager, "/reports/debts/?period=7-days&group=store")

    (row,) = block.rows
    amounts = {key: row[key] for key in ("opened", "by_card", "in_store", "recovered", "waived", "written_off")}
    assert amounts == {
        "opened": Decimal(40),
        "by_card": Decimal(10),
        "in_store": Decimal(10),
        "recovered": Decimal(20),
        "waived": Decimal(3),
        "written_off": Decimal(9),
    }
    assert (row["debts"], row["recovery_rate"], row["after_write_off"]) == (4, Decimal("0.5"), Decimal(5))
    assert row["open"] == Debt.objects.filter(state="open").aggregate(sum=Sum("owed"))["sum"] == Decimal(13)


def opened_before_and_paid_later() -> None:
    """10.00 three days before, 4.00 the day before, of which 3.00 came back on the day."""
    trip = a_paid_trip(a_store(), DAY - timedelta(days=3))
    happened_to_debt(trip, "opened", "10.00", DAY - timedelta(days=3))
    other = a_paid_trip(a_store(), DAY - timedelta(days=1))
    happened_to_debt(other, "opened", "4.00", DAY - timedelta(days=1))
    happened_to_debt(other, "paid", "3.00", DAY)
    counted()


def test_what_is_open_goes_on_from_day_to_day(manager: Client) -> None:
    opened_before_and_paid_later()

    block = block_of(manager, f"/reports/debts/?from={DAY - timedelta(days=1)}&to={DAY}")

    assert [(row["opened"], row["recovered"], row["open"]) for row in block.rows] == [
        (Decimal(4), Decimal(0), Decimal(14)),
        (Decimal(0), Decimal(3), Decimal(11)),
    ]
    assert (block.total["open"], block.total["recovery_rate"]) == (Decimal(11), Decimal("0.75"))
    assert (block.before["opened"], block.before["open"]) == (Decimal(10), Decimal(10))
    assert cards_of(block)["open"].change == "▲ +10.0 %"


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("week", [(date(2026, 3, 2), Decimal(10)), (date(2026, 3, 9), Decimal(11))]),
        ("month", [("2026-03", Decimal(11))]),
        ("store", [("Corner shop", Decimal(11))]),
    ],
)
def test_groups(manager: Client, group: str, expected: list[Any]) -> None:
    opened_before_and_paid_later()

    block = block_of(manager, f"/reports/debts/?from={DAY - timedelta(days=4)}&to={DAY}&group={group}")

    assert [(row["group"], row["open"]) for row in block.rows] == expected


def test_how_old_is_what_is_open_now(manager: Client) -> None:
    store = a_store()
    ages = {"1.00": 0, "2.00": 7.9, "3.00": 8.1, "4.00": 30.9, "5.00": 31.1, "6.00": 91.1, "70.00": 200}
    for total, days in ages.items():
        trip = a_trip("unpaid", total=total, store=store)
        debt = a_debt(a_charge(trip, "declined"))
        opened_at = datetime.now(UTC) - timedelta(days=days)
        Debt.objects.filter(pk=debt.pk).update(opened_at=opened_at)
    Debt.objects.filter(amount=70).update(state="written_off")

    block = block_of(manager, "/reports/debts/?group=age")

    assert [(row["age"], row["debts"], row["owed"]) for row in block.rows] == [
        ("0 to 7 days", 2, Decimal(3)),
        ("8 to 30 days", 2, Decimal(7)),
        ("31 to 90 days", 1, Decimal(5)),
        ("longer", 1, Decimal(6)),
    ]
    assert (block.total["debts"], block.total["owed"]) == (6, Decimal(21))


def test_only_the_debts_of_ones_own_stores(client: Client) -> None:
    here, there = a_store("Here"), a_store("There")
    for store, total in ((here, "5.00"), (there, "7.00")):
        a_debt(a_charge(a_trip("unpaid", total=total, store=store), "declined"))
    counted()
    person = staff_with("reports.view_reports", sees_all_stores=False)
    person.stores.add(here)
    client.force_login(person)

    assert block_of(client, "/reports/debts/?period=7-days").total["open"] == Decimal(5)
    assert block_of(client, "/reports/debts/?group=age").total["owed"] == Decimal(5)
