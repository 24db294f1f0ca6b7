"""Amazon's .test hosts know a trip for two minutes (Amazon: connectivity_testing)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.tests.carts import example
from sandbox.tests.conftest import TRIP
from sandbox.tests.signed_calls import Caller, staged_trip

MINUTE = 60


@pytest.fixture
def test_host(start: Callable[..., Any]) -> Iterator[Caller]:
    with start(is_test_host=True) as caller:
        caller.stage(staged_trip(TRIP))
        yield caller


def test_a_trip_that_was_staged_just_now_is_known(test_host: Caller) -> None:
    test_host.move_clock(2 * MINUTE - 10)

    assert test_host.adjust(TRIP, 5).status == 200
    assert test_host.cancel(TRIP).status == 200


def test_a_trip_that_was_staged_earlier_is_unknown(test_host: Caller) -> None:
    test_host.move_clock(2 * MINUTE + 10)

    assert test_host.adjust(TRIP, 5).content == {"errorMsg": "UnknownShoppingTrip"}
    assert test_host.check_out(example(TRIP)).content == {"errorMsg": "UnknownShoppingTripException"}


def test_a_checkout_in_time(test_host: Caller) -> None:
    assert test_host.check_out(example(TRIP)).status == 201


def test_a_report_of_an_earlier_trip_is_taken_because_feedback_has_no_test_host(test_host: Caller) -> None:
    test_host.move_clock(2 * MINUTE + 10)

    assert test_host.report(TRIP, 5, 5).status == 200


def test_other_hosts_know_trips_for_longer(caller: Caller, trip: str) -> None:
    caller.move_clock(60 * MINUTE)

    assert caller.adjust(trip, 5).status == 200
