"""Staging, the books, and the server's manners."""

import http.client
import json
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.tests.carts import example
from sandbox.tests.conftest import TRIP
from sandbox.tests.signed_calls import PATHS, Caller, staged_trip, trip_body

KEY = "550e8400-e29b-41d4-a716-446655440002"


def test_staging_a_known_trip_changes_nothing(caller: Caller, captured: str) -> None:
    before = caller.books(captured)

    answer = caller.stage(staged_trip(captured, preauthorized={"amount": "1.00", "code": "GBP"}), staged_trip("new"))

    assert answer.content == {"staged": 1, "known": 1}
    assert caller.books(captured) == before


def test_a_trip_is_staged_with_its_past(caller: Caller) -> None:
    refund = {"refundRequestId": KEY, "amount": "2.00", "reason": "DAMAGED_ITEM"}
    past = {"captured": "12.00", "capturedAt": "2026-01-05T09:00:00Z", "refunds": [refund]}
    caller.stage(staged_trip(TRIP, authorized="15.00", **past))

    books = caller.books(TRIP)

    assert (books["authorized"], books["captured"], books["refunded"]) == ("15.00", "12.00", "2.00")
    assert books["capture_rows"][0]["captured_at"] == "2026-01-05T09:00:00+00:00"
    proof = caller.refund(TRIP, 2.00, KEY)
    assert proof.content == {"reconciliationId": books["refund_rows"][0]["reconciliation_id"]}


@pytest.mark.parametrize(
    "wrong", [{"storeId": 5}, {"preauthorized": {"amount": "ten", "code": "USD"}}, {"preauthorized": None},
              {"captured": "-1"}, {"capturedAt": "yesterday", "captured": "1"}, {"refunds": [{}]}]
)  # fmt: skip
def test_one_unreadable_trip_stages_none(caller: Caller, wrong: dict[str, Any]) -> None:
    answer = caller.stage(staged_trip("good"), staged_trip(TRIP, **wrong))

    assert answer.status == 400
    assert caller.control("GET", "/books").content == {"trips": []}


def test_thousands_of_trips_are_staged_and_read_at_once(caller: Caller) -> None:
    answer = caller.stage(*(staged_trip(f"trip-{number}", captured="5.00") for number in range(5000)))
    books = caller.control("GET", "/books").content["trips"]

    assert answer.content == {"staged": 5000, "known": 0}
    assert len(books) == 5000


def test_the_books_as_json(caller: Caller, captured: str) -> None:
    caller.refund(captured, 5, KEY)

    assert caller.control("GET", "/books").content["trips"] == [
        {
            "trip_id": captured,
            "store_id": "VALID_STORE_ID",
            "currency": "USD",
            "preauthorized": "50.00",
            "authorized": "30.00",
            "captured": "25.99",
            "captures": 1,
            "refunded": "5.00",
            "refunds": 1,
            "cancelled": False,
            "order_id": None,
            "last_feedback": None,
        }
    ]
    assert caller.control("GET", "/books/nobody").status == 404


def test_the_books_for_a_person(caller: Caller) -> None:
    caller.stage(staged_trip("<script>"))

    answer = caller.send("GET", "/books", headers={"Accept": "text/html,*/*"})

    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "&lt;script&gt;" in answer.text
    assert "<script>" not in answer.text


def test_the_page_shows_orders_and_reports(caller: Caller, trip: str) -> None:
    order_id = caller.check_out(example(trip)).content["orderId"]
    caller.report(trip, 0.99, 0.5)

    page = caller.send("GET", "/books", headers={"Accept": "text/html"}).text

    assert f"<td>{order_id}</td><td>0.50 of 0.99, Accepted</td>" in page


def test_the_books_outlive_the_process(start: Callable[..., Any], tmp_path: Path) -> None:
    path = str(tmp_path / "books.sqlite3")
    with start(books_path=path) as caller:
        caller.stage(staged_trip(TRIP))
        caller.adjust(TRIP, 10)
        caller.capture(TRIP, 10)
        first = caller.refund(TRIP, 4, KEY)
        before = caller.books(TRIP)

    with start(books_path=path) as caller:
        assert caller.books(TRIP) == before
        assert caller.refund(TRIP, 4, KEY).content == first.content
        assert caller.books(TRIP)["refunds"] == 1


def test_health(caller: Caller) -> None:
    assert caller.control("GET", "/healthz").content == {"status": "ok"}


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"offset_seconds": "1"}', b'{"offset_seconds": 1e30}'])
def test_the_clock_takes_a_number(caller: Caller, body: bytes) -> None:
    assert caller.send("POST", "/sandbox/clock", body).status == 400


def test_one_connection_serves_many_calls_without_waiting(caller: Caller) -> None:
    connection = http.client.HTTPConnection(urlsplit(caller.url).netloc, timeout=5)
    body = json.dumps(trip_body("valid-shopping-trip-uuid")).encode()
    began = monotonic()
    for _ in range(50):
        connection.request("POST", PATHS["cancel"], body, caller.signed_headers(PATHS["cancel"], body))
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    connection.close()

    assert monotonic() - began < 1.0


def test_a_body_too_long_is_not_read(caller: Caller) -> None:
    headers = {"Content-Length": str(10**9)}

    assert caller.send("POST", PATHS["cancel"], b"", headers).status == 413


def test_a_call_leaves_one_line_without_its_body(caller: Caller, trip: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="sandbox"):
        caller.adjust(trip, 77.77)

    assert caplog.messages == [f"adjust {trip} 200"]
