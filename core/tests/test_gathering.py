from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from core.gathering import Gathering


class Counter:
    """What is gathered for: notes what came together, and waits where it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun, self.may_end = Event(), Event()
        self.may_end.set()

    def act(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(sorted(numbers))
        self.begun.set()
        assert self.may_end.wait(10)
        if 13 in numbers:
            raise ValueError("13")
        return [number * 10 for number in numbers]


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(9) as pool:
        yield pool


Arrive = Callable[..., list[Future[int]]]


@pytest.fixture
def arrive(counter: Counter, threads: ThreadPoolExecutor) -> Arrive:
    """The first number is being worked on while the others come."""
    gathering = Gathering(counter.act)

    def come(*numbers: int) -> list[Future[int]]:
        counter.may_end.clear()
        first = threads.submit(gathering.do, numbers[0])
        assert counter.begun.wait(10)
        others = [threads.submit(gathering.do, number) for number in numbers[1:]]
        while len(gathering._waiting) < len(others):
            pass
        counter.may_end.set()
        return [first, *others]

    return come


def test_who_comes_alone_acts_at_once(counter: Counter) -> None:
    assert Gathering(counter.act).do(1) == 10
    assert counter.batches == [[1]]


def test_what_comes_meanwhile_goes_together(counter: Counter, arrive: Arrive) -> None:
    results = [number.result(10) for number in arrive(1, 2, 3, 4)]

    assert results == [10, 20, 30, 40]
    assert counter.batches == [[1], [2, 3, 4]]


def test_a_fault_reaches_only_who_has_caused_it(counter: Counter, arrive: Arrive) -> None:
    first, good, bad, other = arrive(1, 2, 13, 4)

    assert [number.result(10) for number in (first, good, other)] == [10, 20, 40]
    with pytest.raises(ValueError, match="13"):
        bad.result(10)
    assert counter.batches[:2] == [[1], [2, 4, 13]]
    assert sorted(counter.batches[2:]) == [[2], [4], [13]]


def test_after_a_fault_others_are_still_served(counter: Counter, arrive: Arrive) -> None:
    bad, *good = arrive(13, 2, 3)

    with pytest.raises(ValueError, match="13"):
        bad.result(10)
    assert [number.result(10) for number in good] == [20, 30]


def test_under_load_each_gets_its_own_result(counter: Counter, threads: ThreadPoolExecutor) -> None:
    gathering = Gathering(counter.act)
    numbers = range(100, 2100)

    assert list(threads.map(gathering.do, numbers)) == [number * 10 for number in numbers]
    assert sorted(number for batch in counter.batches for number in batch) == list(numbers)
