import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection

from core.gathering import Gathering

pytestmark = pytest.mark.django_db(transaction=True)


class Counter:
    """What is gathered for: notes what came together, and waits where it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_end = Event()
        self.is_away = False

    def act(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(numbers))
        assert self.may_end.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if self.is_away:
            raise OperationalError("away")
        if 13 in numbers:
            raise LookupError("13")
        return [ValueError(number) if number < 0 else number * 10 for number in numbers]


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def gathering(counter: Counter) -> Iterator[Gathering[int, int]]:
    gathering = Gathering(counter.act)
    yield gathering
    gathering.end()


Arrive = Callable[..., list[Any]]


@pytest.fixture
def arrive(counter: Counter, gathering: Gathering[int, int]) -> Arrive:
    """The first number is being worked on while the others come. Their results, or the exceptions."""

    async def come(first: int, *others: int) -> list[Any]:
        calls = [asyncio.create_task(gathering.do(first))]
        await until(lambda: bool(counter.batches))
        calls += [asyncio.create_task(gathering.do(number)) for number in others]
        await asyncio.sleep(0)
        counter.may_end.set()
        return await asyncio.gather(*calls, return_exceptions=True)

    return lambda *numbers: run(come(*numbers))


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        await asyncio.sleep(0.001)


def run(calls: Coroutine[Any, Any, list[Any]]) -> list[Any]:
    return asyncio.run(asyncio.wait_for(calls, 10))


def told(results: list[Any]) -> list[str]:
    return [repr(result) for result in results]


def test_what_comes_meanwhile_goes_together(counter: Counter, arrive: Arrive) -> None:
    assert arrive(1, 2, 3, 4) == [10, 20, 30, 40]
    assert counter.batches == [[1], [2, 3, 4]]


def test_what_is_wrong_with_one_is_told_to_it_alone(counter: Counter, arrive: Arrive) -> None:
    assert told(arrive(1, 2, -3, 4)) == ["10", "20", "ValueError(-3)", "40"]
    assert counter.batches == [[1], [2, -3, 4]]


def test_a_fault_reaches_only_who_has_caused_it(counter: Counter, arrive: Arrive) -> None:
    assert told(arrive(1, 2, 13, 4)) == ["10", "20", "LookupError('13')", "40"]
    assert counter.batches == [[1], [2, 13, 4], [2], [13], [4]]


def test_after_a_fault_others_are_still_served(arrive: Arrive) -> None:
    assert told(arrive(13, 2, 3)) == ["LookupError('13')", "20", "30"]


def test_a_database_that_is_away_is_away_for_all_and_not_asked_for_each(counter: Counter, arrive: Arrive) -> None:
    counter.is_away = True

    assert told(arrive(1, 2, 3)) == ["OperationalError('away')"] * 3
    assert counter.batches == [[1], [2, 3]]


def test_who_has_given_up_does_not_keep_the_others_from_their_results(
    counter: Counter, gathering: Gathering[int, int]
) -> None:
    async def come() -> list[Any]:
        impatient, patient = (asyncio.create_task(gathering.do(number)) for number in (1, 2))
        await until(lambda: bool(counter.batches))
        impatient.cancel()
        counter.may_end.set()
        return await asyncio.gather(impatient, patient, gathering.do(3), return_exceptions=True)

    assert told(run(come())) == ["CancelledError('')", "20", "30"]


def test_under_load_each_gets_its_own_result(counter: Counter, gathering: Gathering[int, int]) -> None:
    counter.may_end.set()
    numbers = range(100, 2100)

    async def call(number: int) -> int:
        await asyncio.sleep(number % 7 / 1000)
        return await gathering.do(number)

    async def come() -> list[Any]:
        return await asyncio.gather(*map(call, numbers))

    assert run(come()) == [number * 10 for number in numbers]
    assert sorted(number for batch in counter.batches for number in batch) == list(numbers)
    assert len(counter.batches) < len(numbers)
