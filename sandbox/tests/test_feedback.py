"""The feedback host: Amazon's cases, numbered as on its page (fraud_abuse_feedback_test_cases), and our reading."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.tests.conftest import TRIP
from sandbox.tests.signed_calls import STORE, Caller, Received, feedback_body, staged_trip

DAY = 24 * 3600
VALID = "valid-shopping-trip-uuid"
ACCEPTED = (200, {"status": "Accepted"})
REJECTED = (200, {"status": "Rejected"})
BAD = (400, {"errorMsg": "BadRequestException"})
UNKNOWN = (400, {"errorMsg": "UnknownShoppingTrip"})


def said(answer: Received) -> tuple[int, Any]:
    return answer.status, answer.content


@pytest.mark.parametrize(
    ("number", "total", "settled"),
    [("TC001", 14.75, 14.75), ("TC003", 14.75, 10.0), ("TC003 nothing", 14.75, 0), ("TC004", 0, 0),
     ("TC009", 0.01, 0.01)],
)  # fmt: skip
def test_an_accepted_report(caller: Caller, trip: str, number: str, total: float, settled: float) -> None:
    assert said(caller.report(trip, total, settled)) == ACCEPTED, number


def test_tc002_a_rejected_report(caller: Caller) -> None:
    assert said(caller.report("rejected-feedback-trip-uuid", 5, 5)) == REJECTED
    assert said(caller.report("rejected-feedback-trip-uuid-6f1c2a52", 5, 0)) == REJECTED


@pytest.mark.parametrize("code", ["EUR", "GBP", "CAD", "JPY", "USD"])
def test_tc005_and_tc008_currencies(caller: Caller, code: str) -> None:
    assert said(caller.report(VALID, 20, 10, code)) == ACCEPTED


@pytest.mark.parametrize("store_id", ["store123", "STORE_456", "store-789", "s" * 255])
@pytest.mark.parametrize("trip_id", ["8d9a8f3e-0a63-4a52-8f2c-6a1a1f0c7a11", "t" * 255])
def test_tc006_tc007_and_tc010_ids(caller: Caller, store_id: str, trip_id: str) -> None:
    caller.stage(staged_trip(trip_id, storeId=store_id))

    assert said(caller.report(trip_id, 20, 10, storeId=store_id)) == ACCEPTED


@pytest.mark.parametrize(
    "name", ["storeId", "shoppingTripId", "totalAmount", "settledAmount", "paymentStatusTime"]
)  # TC011 to TC014
def test_tc011_to_tc014_a_missing_field(caller: Caller, name: str) -> None:
    body = feedback_body(VALID, 20, 10)
    del body[name]

    assert said(caller.call("feedback", body)) == BAD


WRONG: list[tuple[str, Any]] = [
    ("storeId", "INVALID@STORE#ID"),
    ("storeId", ""),
    ("shoppingTripId", None),
    ("shoppingTripId", "t" * 256),
    ("totalAmount", 20),
    ("totalAmount", {"amount": "20.00", "code": "USD"}),
    ("totalAmount", {"amount": 20, "code": "USDX"}),
    ("totalAmount", {"amount": -20, "code": "USD"}),
    ("totalAmount", {"value": 20, "currencyCode": "USD"}),
    ("settledAmount", {"amount": -1, "code": "USD"}),
    ("settledAmount", {"amount": 10, "code": "GBP"}),
    ("paymentStatusTime", 1770342660),
    ("paymentStatusTime", 1770342660000.5),
    ("paymentStatusTime", 17703426600000),
    ("paymentStatusTime", "1770342660000"),
    ("paymentStatusTime", "2026-02-06T01:51:00Z"),
    ("paymentStatusTime", True),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_field(caller: Caller, name: str, value: Any) -> None:
    assert said(caller.report(VALID, 20, 10, **{name: value})) == BAD


def test_an_unknown_trip(caller: Caller, trip: str) -> None:
    assert said(caller.report("nobody", 20, 10)) == UNKNOWN
    assert said(caller.report("invalid-shopping-trip-uuid", 20, 10)) == UNKNOWN
    assert said(caller.report(trip, 20, 10, storeId=f"{STORE}-2")) == UNKNOWN


@pytest.mark.parametrize("status", [429, 500, 503])
def test_trouble(caller: Caller, status: int) -> None:
    caller.control("POST", "/sandbox/faults", {"kind": "status", "operation": "feedback", "status": status})

    assert [caller.report(VALID, 20, 10).status for _ in range(2)] == [status, 200]


def test_a_caller_without_a_signature(caller: Caller, trip: str) -> None:
    assert caller.control("POST", "/v1/feedback/payment-status", feedback_body(trip, 20, 10)).status == 403
    assert caller.books(trip)["feedback"] == []


def test_more_settled_than_there_was_to_pay_is_rejected(caller: Caller, trip: str) -> None:
    assert said(caller.report(trip, 20, 20.01)) == REJECTED


def test_a_trip_may_be_reported_after_its_token_has_ended(caller: Caller, trip: str) -> None:
    caller.move_clock(30 * DAY)

    assert said(caller.report(trip, 20, 20)) == ACCEPTED


def test_adoption(start: Callable[..., Any]) -> None:
    with start(adopts=True) as caller:
        assert said(caller.report(TRIP, 20, 10)) == ACCEPTED
        assert caller.books(TRIP)["adopted"] is True


def test_the_books_keep_every_report_in_the_order_it_came(caller: Caller, trip: str) -> None:
    caller.report(trip, 14.75, 10)
    caller.report(trip, 14.75, 14.75, paymentStatusTime=1770000000123)
    caller.report(trip, 14.75, 15)

    books = caller.books(trip)

    assert [(row["total"], row["settled"], row["status"]) for row in books["feedback"]] == [
        ("14.75", "10.00", "Accepted"),
        ("14.75", "14.75", "Accepted"),
        ("14.75", "15.00", "Rejected"),
    ]
    assert books["feedback"][1]["payment_status_time"] == "2026-02-02T02:40:00.123000+00:00"
    assert books["feedback"][0]["currency"] == "USD"
    (listed,) = caller.control("GET", "/books").content["trips"]
    assert listed["last_feedback"] == books["last_feedback"] == books["feedback"][-1]
    assert (books["captures"], books["authorized"]) == (0, "0.00")
