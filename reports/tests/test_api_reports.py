"""GET /api/v1/reports/…: the numbers of the pages, for the retailer's own systems."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from core.rights import refusal
from core.tests.staff import staff_with
from reports.tests.rows import a_paid_trip, a_store, counted, happened_to_debt, refunded

pytestmark = pytest.mark.django_db

READ = {"Authorization": "Bearer test-read-key"}
DAY = date(2026, 3, 10)
REPORTS = (
    *("overview", "sales", "products", "payments", "refunds", "debts", "journal"),
    *("entries", "loyalty", "staff-actions"),
)


def get(client: Client, report: str, query: str = f"from={DAY}&to={DAY}", **headers: str) -> Any:
    return client.get(f"/api/v1/reports/{report}/?{query}", headers=headers or READ)


def test_the_overview_in_json(client: Client) -> None:
    tokyo = a_store("Tokyo", time_zone="Asia/Tokyo", currency="JPY")
    a_paid_trip(tokyo, DAY, "450")
    trip = a_paid_trip(a_store(), DAY, "10.00", captured="6.00")
    refunded(trip, "1.50", DAY)
    counted()

    answer = get(client, "overview", f"from={DAY}&to={DAY}&group=store").json()

    assert answer["days"] == {"first": str(DAY), "last": str(DAY)}
    assert answer["compared_with"] == {"first": "2026-03-09", "last": "2026-03-09"}
    assert (answer["stores"], answer["time_zones"]) == (["corner-shop", "tokyo"], ["America/New_York", "Asia/Tokyo"])
    assert answer["is_partial"] is False
    yen, dollars = answer["currencies"]
    assert (yen["currency"], yen["total"]["gross"], yen["total"]["refunded"]) == ("JPY", "450", "0")
    (row,) = dollars["rows"]
    assert row["group"] == "Corner shop"
    assert {key: row[key] for key in ("trips", "gross", "refunded", "refund_rate", "net", "unpaid", "dwell")} == {
        "trips": 1,
        "gross": "10.00",
        "refunded": "1.50",
        "refund_rate": "0.1500",
        "net": "8.50",
        "unpaid": "4.00",
        "dwell": 900,
    }
    assert dollars["before"]["gross"] == "0.00"


@pytest.mark.parametrize("report", REPORTS)
def test_it_says_what_the_page_says(client: Client, report: str) -> None:
    trip = a_paid_trip(a_store(), DAY, "10.00")
    refunded(trip, "1.50", DAY)
    happened_to_debt(trip, "opened", "4.00", DAY)
    counted()
    person = staff_with("reports.view_reports", "staff.view_audit")
    client.force_login(person)
    page = client.get(f"/reports/{'' if report == 'overview' else report + '/'}?from={DAY}&to={DAY}")

    answer = get(client, report).json()
    parts = answer.get("currencies") or answer["parts"]

    blocks = page.context["report"].blocks
    assert [len(part["rows"]) for part in parts] == [len(block.rows) for block in blocks]
    for part in parts:
        assert set(part["total"]) == {column.key for column in page.context["report"].columns}


@pytest.mark.parametrize("report", REPORTS)
def test_who_may(client: Client, report: str) -> None:
    assert get(client, report, Authorization="Bearer wrong").status_code == 401
    assert get(client, report).status_code == 200
    client.force_login(staff_with("orders.view_trip"))
    refused = client.get(f"/api/v1/reports/{report}/")
    assert (refused.status_code, refused.json()["detail"]) == (403, refusal("reports.view_reports"))


def test_signed_in_one_is_told_of_ones_own_stores(client: Client) -> None:
    here = a_store("Here")
    a_paid_trip(here, DAY, "10.00")
    a_paid_trip(a_store("There"), DAY, "99.00")
    counted()
    person = staff_with("reports.view_reports", sees_all_stores=False)
    person.stores.add(here)
    client.force_login(person)

    answer = client.get(f"/api/v1/reports/overview/?from={DAY}&to={DAY}").json()
    elsewhere = client.get("/api/v1/reports/overview/?store=there")

    assert (answer["stores"], answer["currencies"][0]["total"]["gross"]) == (["here"], "10.00")
    assert (elsewhere.status_code, list(elsewhere.json())) == (400, ["store"])


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=2026-03-11&to=2026-03-10", "to"), ("from=x", "from"), ("group=century", "group"), ("day=today", "day")],
)
def test_a_question_that_makes_no_sense_is_named(client: Client, query: str, field: str) -> None:
    a_store()

    answer = get(client, "overview", query)

    assert (answer.status_code, list(answer.json())) == (400, [field])
