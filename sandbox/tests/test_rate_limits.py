"""Throttling on demand. The limits are so low that no test waits for a token by chance."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.rate_limits import RateLimit
from sandbox.tests.signed_calls import Caller

VALID = "valid-shopping-trip-uuid"
ONE_IN_100_SECONDS = 0.01


def limit(caller: Caller, per_second: Any, **others: Any) -> None:
    answer = caller.control("POST", "/sandbox/limits", {"per_second": per_second} | others)
    assert answer.status == 200, answer.text


def test_nothing_is_limited_until_somebody_says_so(caller: Caller) -> None:
    assert {caller.data(VALID).status for _ in range(30)} == {200}
    assert caller.control("GET", "/sandbox/limits").content == {"limits": []}


def test_a_call_above_the_limit_is_told_when_to_come_again(caller: Caller) -> None:
    limit(caller, ONE_IN_100_SECONDS)

    answers = [caller.data(VALID) for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 429, 429]
    assert answers[1].content == {"errorMsg": "Too Many Requests"}
    assert 90 <= int(answers[1].headers["Retry-After"]) <= 100


def test_a_second_of_calls_comes_at_once(caller: Caller) -> None:
    limit(caller, 5)

    statuses = [caller.data(VALID).status for _ in range(5)]

    assert statuses == [200] * 5


def test_a_refused_call_does_nothing(caller: Caller, trip: str) -> None:
    limit(caller, ONE_IN_100_SECONDS)
    caller.data(VALID)

    assert caller.adjust(trip, 5).status == 429
    assert caller.books(trip)["authorized"] == "0.00"


def test_a_limit_keeps_to_its_operation(caller: Caller, trip: str) -> None:
    limit(caller, ONE_IN_100_SECONDS, operation="adjust")

    assert [caller.adjust(trip, 5).status for _ in range(2)] == [200, 429]
    assert [caller.data(trip).status for _ in range(2)] == [200, 200]


def test_a_limit_of_all_operations_counts_them_together(caller: Caller, trip: str) -> None:
    limit(caller, ONE_IN_100_SECONDS)

    assert caller.data(trip).status == 200
    assert caller.report(trip, 5, 5).status == 429


def test_limits_are_listed_replaced_and_cleared(caller: Caller) -> None:
    limit(caller, ONE_IN_100_SECONDS)
    limit(caller, 10, operation="catalog-upload")
    assert caller.data(VALID).status == 200
    limit(caller, 50)

    assert caller.data(VALID).status == 200
    assert caller.control("GET", "/sandbox/limits").content["limits"] == [
        {"operation": "*", "per_second": 50.0},
        {"operation": "catalog-upload", "per_second": 10.0},
    ]
    assert caller.control("DELETE", "/sandbox/limits").content == {"limits": []}


def test_throttling_comes_after_the_signature_and_before_the_body(caller: Caller, trip: str) -> None:
    limit(caller, ONE_IN_100_SECONDS)
    caller.secret_key = "wrong"
    assert caller.data(trip).status == 403

    caller.secret_key = "demo-secret-key"
    assert caller.call("adjust", b"{").status == 400
    assert caller.call("adjust", b"{").status == 429


def test_the_sandboxs_clock_fills_no_bucket(caller: Caller) -> None:
    limit(caller, ONE_IN_100_SECONDS)
    caller.data(VALID)
    caller.move_clock(3600)

    assert caller.data(VALID).status == 429


def test_a_limit_from_the_start(start: Callable[..., Any]) -> None:
    with start(rate_limit=RateLimit(ONE_IN_100_SECONDS)) as caller:
        assert [caller.data(VALID).status for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(
    "wrong", [{}, [], {"per_second": "5"}, {"per_second": 0}, {"per_second": -1}, {"per_second": 1e9},
              {"per_second": 5, "operation": "pay"}, {"per_second": 5, "operation": []}]
)  # fmt: skip
def test_a_limit_that_makes_no_sense_is_refused(caller: Caller, wrong: Any) -> None:
    answer = caller.control("POST", "/sandbox/limits", wrong)

    assert answer.status == 400
    assert answer.content["errorMsg"]
