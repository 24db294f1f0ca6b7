"""When a host is left alone, and how long: what one process remembers of the calls that it made."""

from collections.abc import Iterator

import pytest
import time_machine

from amazon.outbound import pauses
from amazon.outbound.pauses import FAILURES_IN_A_ROW, SECONDS

HOST, OTHER = "https://payments.example", "https://feedback.example"


@pytest.fixture(autouse=True)
def nothing_is_known() -> Iterator[None]:
    pauses.forget()
    yield
    pauses.forget()


class Clock:
    """`time.monotonic`, which time_machine leaves alone."""

    now = 1000.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pauses.time, "monotonic", lambda: clock.now)
    return clock


def fails(times: int, host: str = HOST) -> None:
    for _ in range(times):
        pauses.failed(host)


def test_a_host_that_asks_for_a_pause_gets_it_and_no_other_host_does(clock: Clock) -> None:
    pauses.asked_for(HOST, 30)

    assert pauses.is_paused(HOST)
    assert not pauses.may_begin(HOST)
    assert not pauses.may_leave(HOST)
    assert pauses.may_begin(OTHER)
    clock.now += 31
    assert not pauses.is_paused(HOST)


def test_one_that_does_not_say_how_long_is_left_alone_for_a_moment(clock: Clock) -> None:
    pauses.asked_for(HOST, None)

    assert pauses.is_paused(HOST)
    clock.now += SECONDS
    assert not pauses.is_paused(HOST)


def test_of_two_pauses_the_longer_one_counts(clock: Clock) -> None:
    pauses.asked_for(HOST, 30)
    pauses.asked_for(HOST, 3)

    clock.now += 20
    assert pauses.is_paused(HOST)


def test_a_few_failures_are_no_reason(clock: Clock) -> None:
    fails(FAILURES_IN_A_ROW - 1)

    assert pauses.may_begin(HOST)


def test_an_answer_in_between_begins_the_count_anew(clock: Clock) -> None:
    fails(FAILURES_IN_A_ROW - 1)
    pauses.answered(HOST)
    fails(FAILURES_IN_A_ROW - 1)

    assert pauses.may_begin(HOST)


def test_after_enough_failures_in_a_row_nobody_calls_for_a_moment(clock: Clock) -> None:
    fails(FAILURES_IN_A_ROW)

    assert not pauses.may_begin(HOST)
    clock.now += SECONDS
    assert pauses.may_begin(HOST)


def test_after_a_pause_one_goes_first_and_the_others_follow_its_answer(clock: Clock) -> None:
    fails(FAILURES_IN_A_ROW)
    clock.now += SECONDS

    assert [pauses.may_begin(HOST) for _ in range(3)] == [True, False, False]
    assert pauses.may_leave(HOST)
    pauses.answered(HOST)

    assert [pauses.may_begin(HOST) for _ in range(3)] == [True, True, True]


@pytest.mark.parametrize("pause", [lambda: pauses.asked_for(HOST, 10), lambda: fails(FAILURES_IN_A_ROW)])
def test_when_the_first_one_fails_the_pause_goes_on(clock: Clock, pause: object) -> None:
    pause()
    clock.now += 11
    assert pauses.may_begin(HOST)

    pauses.failed(HOST)

    assert not pauses.may_begin(HOST)
    clock.now += SECONDS
    assert pauses.may_begin(HOST)


def test_when_the_first_one_gets_no_answer_another_follows(clock: Clock) -> None:
    fails(FAILURES_IN_A_ROW)
    clock.now += SECONDS
    assert pauses.may_begin(HOST)

    clock.now += SECONDS

    assert pauses.may_begin(HOST)


def test_an_answer_to_what_left_before_the_pause_does_not_end_it(clock: Clock) -> None:
    pauses.asked_for(HOST, 30)

    pauses.answered(HOST)

    assert pauses.is_paused(HOST)


def test_a_wrong_wall_clock_changes_no_pause() -> None:
    pauses.asked_for(HOST, 30)

    with time_machine.travel("2035-01-01T00:00:00Z"):
        assert pauses.is_paused(HOST)
