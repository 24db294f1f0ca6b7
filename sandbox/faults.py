"""Trouble on demand, and trouble at random: what a network and a busy service do to a caller.

A fault names the operations and the trip it applies to; the first that applies is used. The random mode derives each
decision from the seed, the operation, the trip and how many such calls came before: the same seed gives the same
trouble, however the caller's threads interleave.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal
from random import Random
from threading import Lock
from time import sleep
from typing import Any

from sandbox.answers import Answer, ConnectionCutError, failure
from sandbox.operations import EVERY_OPERATION, check_operation

KINDS = frozenset({"status", "delay", "delay_after", "lose_answer", "lose_request", "garbage"})
LONGEST_DELAY = 120
NUMBERS = {"status": int, "times": int, "seconds": float, "rate": float, "retry_after": str}


@dataclass
class Fault:
    """`times` counts down; None is for ever. `rate` is the share of the matching calls that suffer."""

    kind: str
    operation: str = EVERY_OPERATION
    trip: str | None = None
    status: int = 503
    retry_after: str | None = None
    seconds: float = 3.0
    times: int | None = 1
    rate: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(sorted(KINDS))}")
        check_operation(self.operation)
        if not 400 <= self.status <= 599 or not 0 <= self.seconds <= LONGEST_DELAY or not 0 <= self.rate <= 1:
            raise ValueError(f"status is 400 to 599, seconds 0 to {LONGEST_DELAY}, rate 0 to 1")

    def applies_to(self, operation: str, trip_id: str) -> bool:
        return self.operation in (EVERY_OPERATION, operation) and self.trip in (None, trip_id) and self.times != 0


RANDOM_FAULTS = (
    Fault(kind="status", status=500),
    Fault(kind="status", status=503),
    Fault(kind="status", status=429, retry_after="1"),
    Fault(kind="lose_answer"),
    Fault(kind="lose_request"),
)


class FaultBook:
    """Thread-safe."""

    def __init__(self, seed: int, random_rate: float = 0.0) -> None:
        self._seed = seed
        self._random_rate = random_rate
        self._faults: list[Fault] = []
        self._calls: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[dict[str, object]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults if fault.times != 0]

    def next_for(self, operation: str, trip_id: str) -> Fault | None:
        with self._lock:
            if not self._faults and not self._random_rate:
                return None
            self._calls[operation, trip_id] += 1
            dice = Random(f"{self._seed}:{operation}:{trip_id}:{self._calls[operation, trip_id]}")
            for fault in self._faults:
                if fault.applies_to(operation, trip_id) and dice.random() < fault.rate:
                    fault.times = None if fault.times is None else fault.times - 1
                    return fault
            return dice.choice(RANDOM_FAULTS) if dice.random() < self._random_rate else None


def read_fault(content: object) -> Fault:
    """Raises ValueError with a sentence for people."""
    if not isinstance(content, dict):
        raise ValueError("a fault is a JSON object")
    unknown = content.keys() - Fault.__dataclass_fields__.keys()
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    fields: dict[str, Any] = dict(content)
    for name, kind in NUMBERS.items():
        if isinstance(fields.get(name), Decimal):
            fields[name] = kind(fields[name])
    try:
        return Fault(**fields)
    except TypeError as error:
        raise ValueError(str(error)) from error


def suffer(fault: Fault | None, act: Callable[[], Answer]) -> Answer:
    """Raises ConnectionCutError where the caller is to get no answer."""
    match fault:
        case Fault(kind="status"):
            return failure(fault.status, fault.retry_after)
        case Fault(kind="lose_request"):
            raise ConnectionCutError
        case Fault(kind="delay"):
            sleep(fault.seconds)
    answer = act()
    match fault:
        case Fault(kind="delay_after"):
            sleep(fault.seconds)
        case Fault(kind="lose_answer"):
            raise ConnectionCutError
        case Fault(kind="garbage"):
            return Answer(200, b"<html><body>Bad gateway</body></html>", content_type="text/html")
    return answer
