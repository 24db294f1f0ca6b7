"""An even stream of calls, whatever the answers take: each is due at its own moment, and its time counts from there."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

from bench.connection import Connection

_CONNECTIONS = 16
_LEAD_SECONDS = 0.2  # until every connection stands


@dataclass(frozen=True)
class Paced:
    """`late_p99_ms`: how late calls were sent, which is the share of their times that is not the server's.

    A call is sent late when this process did not get a core, or when the call before it on its connection took longer
    than _CONNECTIONS calls are apart.
    """

    sent: int
    accepted: int
    p50_ms: float
    p99_ms: float
    late_p99_ms: float


def send_evenly(port: int, path: str, bodies: Sequence[bytes], *, per_second: float) -> Paced:
    started = time.perf_counter() + _LEAD_SECONDS

    def send_share(first: int) -> list[tuple[int, float, float]]:
        """Status, seconds until the answer and seconds late, of every sixteenth call."""
        found = []
        with closing(Connection(port)) as connection:
            for number in range(first, len(bodies), _CONNECTIONS):
                due = started + number / per_second
                time.sleep(max(due - time.perf_counter(), 0))
                late = time.perf_counter() - due
                status, _ = connection.send(path, bodies[number])
                found.append((status, time.perf_counter() - due, late))
        return found

    with ThreadPoolExecutor(_CONNECTIONS) as threads:
        calls = [call for share in threads.map(send_share, range(_CONNECTIONS)) for call in share]
    times = [seconds for _, seconds, _ in calls]
    return Paced(
        sent=len(calls),
        accepted=sum(1 for status, _, _ in calls if status == 200),
        p50_ms=_percentile(times, 50),
        p99_ms=_percentile(times, 99),
        late_p99_ms=_percentile([late for _, _, late in calls], 99),
    )


def _percentile(seconds: Sequence[float], percent: int) -> float:
    return sorted(seconds)[len(seconds) * percent // 100] * 1000
