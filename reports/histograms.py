"""How long calls take: in buckets, so that days and stores are added and percentiles follow. Pure, no database.

A bucket is a range of whole milliseconds, eight to each doubling. Up to 15 ms each number has its own; above, what a
percentile says is at most 6 % off.
"""

from bisect import bisect_right
from collections.abc import Mapping
from math import ceil

_PER_DOUBLING = 8
_DOUBLINGS = 31  # beyond what a column of durations holds
# Where each bucket begins; the next one begins after its end. Close together at first, where numbers are whole.
_STARTS = sorted({0, *(ceil(2 ** (step / _PER_DOUBLING)) for step in range(_PER_DOUBLING * _DOUBLINGS + 1))})


def bucket_of(milliseconds: int) -> int:
    return bisect_right(_STARTS, milliseconds) - 1


def middle_of(bucket: int) -> int:
    """Milliseconds."""
    is_last = bucket + 1 == len(_STARTS)
    return _STARTS[bucket] if is_last else (_STARTS[bucket] + _STARTS[bucket + 1] - 1) // 2


def percentile(histogram: Mapping[int, int], share: float) -> int | None:
    """Of calls by bucket: the milliseconds within which this share of them was answered; None where there are none."""
    wanted, reached = ceil(sum(histogram.values()) * share), 0
    for bucket in sorted(histogram):
        reached += histogram[bucket]
        if reached >= wanted > 0:
            return middle_of(bucket)
    return None
