"""GET /api/v1/trips/ and GET /api/v1/trips/{trip id}/."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from orders.models import Trip
from payments.services.debts import settle
from payments.tasks import report_payments_due
from payments.tests.trips import a_store, captured_trip, collected, priced_trip, queued_refund, received_trip, sent
from sandbox.testing import SandboxProcess
from staff.models import User

READ = {"Authorization": "Bearer test-read-key"}


def get(client: Client, path: str, headers: dict[str, str] | None = None) -> Any:
    return client.get(path, headers=READ if headers is None else headers)


@pytest.mark.django_db
def test_a_collected_trip_shows_its_lines_money_card_and_events(client: Client, sandbox: SandboxProcess) -> None:
    trip = captured_trip(sandbox, ("6.25", "2"), ("1.50", "1"), tax_rate="10")
    sent(queued_refund(trip, quantities={trip.lines.get(sku="AT-6.25").pk: 1}))
    queued_refund(trip, "1.00")

    answer = get(client, f"/api/v1/trips/{trip.amazon_trip_id}/").json()

    assert {name: answer[name] for name in ("trip_id", "store_id", "entry", "state", "currency")} == {
        "trip_id": trip.amazon_trip_id,
        "store_id": "TEST-CARD",
        "entry": "CARD",
        "state": "paid",
        "currency": "USD",
    }
    amounts = ("subtotal", "tax", "total", "authorized", "captured", "refunded", "refund_pending", "refundable")
    assert [answer[name] for name in amounts] == [
        "14.00", "1.40", "15.40", "15.40", "15.40", "6.88", "1.00", "7.52",
    ]  # fmt: skip
    assert (answer["outstanding"], answer["debt"]) == ("0.00", None)
    first = answer["lines"][0]
    assert {name: first[name] for name in ("sku", "quantity", "unit", "unit_price", "tax", "total")} == {
        "sku": "AT-6.25",
        "quantity": "2",
        "unit": "unit",
        "unit_price": "6.25",
        "tax": "1.25",
        "total": "13.75",
    }
    assert [line["refunded_quantity"] for line in answer["lines"]] == ["1", "0"]
    assert set(answer["card"]) == {"brand", "last_four"}
    assert [(refund["state"], refund["amount"]) for refund in answer["refunds"]] == [
        ("done", "6.88"),
        ("queued", "1.00"),
    ]
    assert [report["status"] for report in answer["feedback"]] == ["planned"]
    kinds = [event["kind"] for event in answer["events"]]
    assert kinds[:3] == ["received", "priced", "adjust_requested"]
    assert kinds.count("capture_succeeded") == 1
    assert all(set(event) == {"at", "actor", "kind", "amount", "detail"} for event in answer["events"])


@pytest.mark.django_db
def test_a_debt_says_what_is_left_of_it(client: Client, sandbox: SandboxProcess) -> None:
    trip = collected(priced_trip(("6.00", "1"), trip_id=f"declined-payment-trip-uuid-{uuid4()}"))
    settle(trip.charge.debt, key=uuid4(), amount=Decimal("2.50"), means="cash", actor="clerk")

    answer = get(client, f"/api/v1/trips/{trip.amazon_trip_id}/").json()

    assert answer["debt"] == {"state": "open", "amount": "6.00", "owed": "3.50"}
    assert (answer["state"], answer["outstanding"]) == ("partly_paid", "3.50")
    assert [event["kind"] for event in answer["events"]][-2:] == ["debt_opened", "debt_paid"]


@pytest.mark.django_db
def test_feedback_says_what_amazon_was_told_and_when(client: Client, sandbox: SandboxProcess) -> None:
    trip = collected(priced_trip(("6.00", "1"), trip_id=f"declined-payment-trip-uuid-{uuid4()}"))
    report_payments_due()
    settle(trip.charge.debt, key=uuid4(), amount=Decimal("2.50"), means="cash", actor="clerk")
    sandbox.fault("status", operation="feedback", trip=trip.amazon_trip_id, status=503)
    report_payments_due()

    answer = get(client, f"/api/v1/trips/{trip.amazon_trip_id}/").json()

    first, second = answer["feedback"]
    assert (first["status"], first["settled"], first["total"]) == ("accepted", "0.00", "6.00")
    assert (first["cause"], first["error"], first["next_attempt_at"]) == ("declined", "", None)
    assert (second["status"], second["settled"], second["cause"]) == ("retrying", "2.50", "debt settled")
    assert "503" in second["error"]
    assert second["next_attempt_at"] > second["at"] > first["at"]
    assert "feedback_succeeded" in [event["kind"] for event in answer["events"]]


@pytest.mark.django_db
def test_a_trip_that_is_not_priced_has_no_totals_and_no_money(client: Client) -> None:
    trip = received_trip(("1.50", "1"))

    answer = get(client, f"/api/v1/trips/{trip.amazon_trip_id}/").json()

    assert (answer["state"], answer["total"], answer["captured"], answer["lines"]) == ("received", None, "0.00", [])


@pytest.mark.django_db
def test_amounts_have_the_decimals_of_their_currency(client: Client) -> None:
    trip = priced_trip(("150", "3"), store=a_store("TEST-JPY", currency="JPY", time_zone="Asia/Tokyo"))

    answer = get(client, f"/api/v1/trips/{trip.amazon_trip_id}/").json()

    assert (answer["total"], answer["captured"], answer["lines"][0]["unit_price"]) == ("450", "0", "150")


@pytest.mark.django_db
def test_filters_by_store_state_and_day_of_the_store(client: Client) -> None:
    tokyo = a_store("TOKYO", time_zone="Asia/Tokyo", currency="JPY")
    late = received_trip(("150", "1"), store=tokyo)
    other = priced_trip(("1.50", "1"))
    Trip.objects.filter(pk=late.pk).update(received_at=datetime(2026, 3, 1, 16, 0, tzinfo=UTC))  # March 2nd in Tokyo
    Trip.objects.filter(pk=other.pk).update(received_at=datetime(2026, 3, 1, 16, 0, tzinfo=UTC))

    def ids(query: str) -> list[str]:
        return [trip["trip_id"] for trip in get(client, f"/api/v1/trips/?{query}").json()["results"]]

    assert ids("store=TOKYO") == [late.amazon_trip_id]
    assert ids("state=priced") == [other.amazon_trip_id]
    assert ids("store=TOKYO&date=2026-03-02") == [late.amazon_trip_id]
    assert ids("store=TOKYO&date=2026-03-01") == []
    assert set(ids("date=2026-03-01")) == {late.amazon_trip_id, other.amazon_trip_id}
    assert ids("from=2026-03-02") == []
    assert len(ids("from=2026-02-01&to=2026-03-01")) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "field"),
    [("store=NOWHERE", "store"), ("state=bought", "state"), ("date=yesterday", "date"), ("sate=paid", "sate")],
)
def test_a_filter_that_makes_no_sense_is_named(client: Client, query: str, field: str) -> None:
    answer = get(client, f"/api/v1/trips/?{query}")

    assert answer.status_code == 400
    assert field in answer.json()


@pytest.mark.django_db
def test_pages_hold_every_trip_once_newest_first(client: Client) -> None:
    trips = [received_trip(("1.50", "1")) for _ in range(5)]
    seen: list[str] = []
    url = "/api/v1/trips/?page_size=2"
    while url:
        page = get(client, url).json()
        assert len(page["results"]) <= 2
        seen += [trip["trip_id"] for trip in page["results"]]
        url = page["next"]

    assert seen == [trip.amazon_trip_id for trip in reversed(trips)]


@pytest.mark.django_db
def test_a_page_costs_the_same_statements_however_long_it_is(
    client: Client, sandbox: SandboxProcess, django_assert_num_queries: Any
) -> None:
    for _ in range(2):
        queued_refund(captured_trip(sandbox, ("1.50", "1"), ("6.25", "2")), "1.00")
    with django_assert_num_queries(9):
        assert len(get(client, "/api/v1/trips/").json()["results"]) == 2
    for _ in range(5):
        queued_refund(captured_trip(sandbox, ("1.50", "1"), ("6.25", "2")), "1.00")
    with django_assert_num_queries(9):
        assert len(get(client, "/api/v1/trips/").json()["results"]) == 7


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/trips/", "/api/v1/trips/some-trip/"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"Authorization": "Basic test-read-key"}, 401),
    ],
)
def test_without_a_known_key_nothing_is_read(client: Client, path: str, headers: dict[str, str], status: int) -> None:
    assert get(client, path, headers).status_code == status


@pytest.mark.django_db
def test_without_configured_keys_nobody_reads(client: Client, settings: Any) -> None:
    settings.READ_API_KEYS = settings.WRITE_API_KEYS = [""]

    assert get(client, "/api/v1/trips/", {"Authorization": "Bearer "}).status_code == 401


@pytest.mark.django_db
def test_staff_read_with_their_session_if_they_have_the_right(client: Client) -> None:
    person = User.objects.create_user("associate", is_staff=True)
    client.force_login(person)
    assert get(client, "/api/v1/trips/", {}).status_code == 403

    person.user_permissions.add(Permission.objects.get(codename="view_trip"))
    assert get(client, "/api/v1/trips/", {}).status_code == 200


@pytest.mark.django_db
def test_an_unknown_trip_is_not_found(client: Client) -> None:
    assert get(client, "/api/v1/trips/nobody-knows-this/").status_code == 404
