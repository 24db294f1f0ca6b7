"""/reports/end-of-day/: one store's day on a sheet."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from core.tests.staff import staff_with
from orders.models import Line
from payments.models import CardDetails
from payments.tests.adjusting import adjust
from payments.tests.admin_rows import a_charge, a_line, a_trip, review_trip
from payments.tests.midday import MIDDAY_ZONE, TODAY
from payments.tests.trips import captured_trip, sent
from reports.tests.pages import block_of, text_of
from reports.tests.rows import a_paid_trip, a_store, counted, happened_to_debt, refunded
from sandbox.testing import SandboxProcess
from stores.models import Store

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 10)
PAGE = "/reports/end-of-day/"


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(staff_with("reports.view_reports", username="manager"))
    return client


def at_noon(store: Store) -> dict[str, Any]:
    return {"store": store, "started_at": datetime.combine(DAY, time(12), ZoneInfo(store.time_zone)).astimezone(UTC)}


@pytest.fixture
def day() -> Store:
    """At two stores, on the day and beside it."""
    store, other = a_store(), a_store("Other shop")
    first = a_paid_trip(store, DAY, "11.00")
    first.lines.update(tax_rate=Decimal(10), tax=Decimal(1))
    a_line(first, "BREAD", total="5.00", quantity="1")
    type(first).objects.filter(pk=first.pk).update(subtotal=Decimal(15), tax=Decimal(1), total=Decimal(16))
    second = a_paid_trip(store, DAY, "8.00", captured="6.00")
    CardDetails.objects.filter(charge=second.charge).update(brand="AMEX")
    a_paid_trip(store, DAY + timedelta(days=1), "100.00")
    a_paid_trip(other, DAY, "200.00")
    review_trip("MYSTERY", **at_noon(store))
    failed = a_trip("failed", total="3.00", **at_noon(store))
    a_charge(failed, "failed")
    collecting = a_trip("collecting", total="2.00", **at_noon(store))
    a_charge(collecting, "capturing")
    earlier = a_paid_trip(store, DAY - timedelta(days=1), "7.00")
    refunded(earlier, "1.50", DAY, person="ann")
    refunded(earlier, "0.50", DAY, person="ann")
    refunded(first, "2.00", DAY, person="bob", reason="Spoilt")
    happened_to_debt(earlier, "opened", "4.00", DAY - timedelta(days=1))
    second.charge.events.filter(kind="debt").update(at=second.received_at)
    happened_to_debt(earlier, "paid", "1.00", DAY, key="cash")
    happened_to_debt(earlier, "paid", "0.25", DAY, key="card/2")
    counted()
    return store


def said(block: Any, part: str) -> dict[str, tuple[Any, Any]]:
    return {row["what"]: (row.get("count"), row.get("amount")) for row in block.rows if row["part"] == part}


def test_the_sheet_says_what_happened(manager: Client, day: Store) -> None:
    block = block_of(manager, f"{PAGE}?store={day.external_id}&day={DAY}")

    assert said(block, "The day") == {
        "Trips and sales": (5, Decimal(29)),
        "Refunds done": (3, Decimal(4)),
        "Sales less refunds": (None, Decimal(25)),
    }
    assert said(block, "Trips by state") == {
        "in review": (1, Decimal(0)),
        "collecting": (1, Decimal(2)),
        "paid": (1, Decimal(16)),
        "partly paid": (1, Decimal(8)),
        "failed": (1, Decimal(3)),
    }
    assert said(block, "Taken, by way and brand of card") == {
        "Amazon's payment service, AMEX": (1, Decimal(6)),
        "Amazon's payment service, VISA": (1, Decimal(11)),
    }
    assert said(block, "Refunds, by who and why") == {
        "ann: Wrong price": (2, Decimal(2)),
        "bob: Spoilt": (1, Decimal(2)),
    }
    assert said(block, "Debts") == {
        "Opened": (1, Decimal(2)),
        "Paid by card": (None, Decimal("0.25")),
        "Paid in the store": (None, Decimal(1)),
        "Open at the end of the day": (None, Decimal("4.75")),
    }
    assert said(block, "Still open") == {
        "Carts without a price": (1, None),
        "Carts whose money is being collected": (1, None),
        "Refused, for a person to look at": (1, Decimal(3)),
        "Unpaid of the trips of this day, as of now": (None, Decimal(5)),
    }


def test_taxes_by_rate_come_to_the_lines(manager: Client, day: Store) -> None:
    block = block_of(manager, f"{PAGE}?store={day.external_id}&day={DAY}")

    rates = {row["what"]: (row["net"], row["tax"], row["amount"]) for row in block.rows if row["part"] == "Tax by rate"}
    assert rates == {"10 %": (Decimal(10), Decimal(1), Decimal(11)), "0 %": (Decimal(13), Decimal(0), Decimal(13))}
    assert Line.objects.filter(trip__store=day, tax_rate=10).count() == 1


def test_it_is_a_sheet_to_sign(manager: Client, day: Store) -> None:
    page = text_of(manager.get(f"{PAGE}?store={day.external_id}&day={DAY}"))

    assert "Corner shop, 10 March 2026, in USD" in page
    assert "<dt>Signature</dt>" in page
    assert "1 cart of these days has no price yet." in page


def test_from_another_page_one_comes_to_the_last_of_its_days(manager: Client, day: Store) -> None:
    asked = manager.get(f"{PAGE}?from=2026-03-01&to={DAY}&store=other-shop&store={day.external_id}")
    back = asked.context["same_days"]

    query = asked.context["report"].query
    assert (query.period.first, query.period.last, [store.name for store in query.stores]) == (
        DAY,
        DAY,
        ["Corner shop"],
    )
    assert manager.get(f"/reports/?{back}").context["report"].query.period == query.period


def test_unless_told_otherwise_it_is_today(manager: Client) -> None:
    a_store("A shop", time_zone=MIDDAY_ZONE)
    a_store("B shop")

    query = manager.get(PAGE).context["report"].query
    yesterday = manager.get(f"{PAGE}?period=yesterday").context["report"].query

    assert (query.period.first, query.stores[0].name) == (TODAY, "A shop")
    assert yesterday.period.last == TODAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("day=yesterday", "Enter a valid date."),
        ("day=9999-12-31", "Choose days between the years 2000 and 2999."),
        ("store=there", "there is none of the stores that you see."),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_in_words(manager: Client, query: str, sentence: str) -> None:
    a_store()

    assert sentence in text_of(manager.get(f"{PAGE}?{query}"))
    assert manager.get(f"{PAGE}csv/?{query}").status_code == 400


def test_a_store_that_one_does_not_see_has_no_sheet(client: Client, day: Store) -> None:
    person = staff_with("reports.view_reports", sees_all_stores=False)
    person.stores.add(a_store("Mine"))
    client.force_login(person)

    assert "is none of the stores that you see." in text_of(client.get(f"{PAGE}?store={day.external_id}&day={DAY}"))


def test_the_file_and_the_api_say_the_same(manager: Client, day: Store) -> None:
    question = f"store={day.external_id}&day={DAY}"

    lines = b"".join(manager.get(f"{PAGE}csv/?{question}").streaming_content).decode().splitlines()
    answer = manager.get(f"/api/v1/reports/end-of-day/?{question}").json()

    assert "USD,The day,Trips and sales,5,28.00,1.00,29.00" in lines
    assert "USD,Total,sales of the day,5,28.00,1.00,29.00" in lines
    assert answer["stores"] == [day.external_id]
    (block,) = answer["currencies"]
    assert (block["unpriced"], block["uncollected"]) == (1, 1)
    found = {(row["part"], row["what"]): (row["count"], row["amount"]) for row in block["rows"]}
    assert found["The day", "Trips and sales"] == (5, "29.00")
    refused = manager.get("/api/v1/reports/end-of-day/?period=today")
    assert (refused.status_code, list(refused.json())) == (400, ["period"])


def test_an_item_that_was_removed_before_it_had_a_price_is_of_no_tax(manager: Client) -> None:
    store = a_store()
    trip = a_paid_trip(store, DAY, "6.88")
    a_line(trip, "GONE", quantity="1", total="0.00")
    Line.objects.filter(sku="GONE").update(tax_rate=None, quantity=0)
    counted()

    block = block_of(manager, f"{PAGE}?store={store.external_id}&day={DAY}")

    assert said(block, "Tax by rate") == {"0 %": (2, Decimal("6.88"))}


def test_what_was_adjusted_is_off_the_sales_once(manager: Client, sandbox: SandboxProcess) -> None:
    store = a_store("Here", time_zone=MIDDAY_ZONE)
    trip = captured_trip(sandbox, ("4.00", "2"), store=store)
    adjust(trip, (1, "1"), actor="somebody")
    sent(trip.charge.refunds.get())
    counted()

    block = block_of(manager, f"{PAGE}?store={store.external_id}&day={TODAY}")

    assert said(block, "The day")["Sales less refunds"] == (None, Decimal("4.00"))


def test_what_is_still_open_stands_on_the_sheet_of_a_quiet_day(manager: Client) -> None:
    store = a_store()
    trip = a_paid_trip(store, DAY, "8.00", captured="6.00")
    trip.charge.events.filter(kind="debt").update(at=trip.received_at)
    counted()

    block = block_of(manager, f"{PAGE}?store={store.external_id}&day={DAY + timedelta(days=5)}")

    assert said(block, "Debts")["Open at the end of the day"] == (None, Decimal("2.00"))


def test_line_by_line_leads_to_the_rows_of_the_same_day(manager: Client, day: Store) -> None:
    """The form of the files knows no single day."""
    answer = manager.get(f"{PAGE}?store={day.external_id}&day={DAY}")
    (address,) = re.findall(r'href="(/reports/files/\?[^"]*)"', answer.content.decode())

    form = manager.get(unescape(address)).context["form"]

    assert (form["from"].value(), form["to"].value(), form["store"].value()) == (str(DAY), str(DAY), [day.external_id])
