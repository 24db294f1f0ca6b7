"""Durations in buckets: how much a percentile may be off, and that histograms are added."""

import random
from collections import Counter
from math import ceil

import pytest

from reports.histograms import bucket_of, middle_of, percentile


def test_up_to_15_ms_each_number_is_told_as_it_is() -> None:
    assert [middle_of(bucket_of(milliseconds)) for milliseconds in range(16)] == list(range(16))


def test_none_is_further_off_than_is_said() -> None:
    """Each up to a minute, and some up to the largest that a column holds."""
    durations = [*range(1, 60_000), *(2**power + step for power in range(17, 31) for step in (-1, 0, 1, 12_345))]

    assert max(abs(middle_of(bucket_of(each)) - each) / each for each in durations) <= 0.06


def test_buckets_follow_each_other() -> None:
    found = [bucket_of(milliseconds) for milliseconds in range(100_000)]

    assert found == sorted(found)
    assert set(found) == set(range(found[-1] + 1))


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_percentiles_of_added_histograms_are_those_of_all_calls(share: float) -> None:
    chance = random.Random(4)
    days = [[int(chance.lognormvariate(3, 1.2)) for _ in range(number)] for number in (3, 500, 2_000)]
    every = sorted(duration for day in days for duration in day)
    exact = every[ceil(share * len(every)) - 1]

    added = sum((Counter(map(bucket_of, day)) for day in days), Counter[int]())

    said = percentile(added, share)
    assert said == pytest.approx(exact, rel=0.06)


def test_without_calls_there_is_none() -> None:
    assert percentile({}, 0.5) is None
    assert percentile({bucket_of(7): 1}, 0.99) == 7
