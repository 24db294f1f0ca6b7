"""How many calls a second Amazon takes: a token bucket for one operation, or one for all of them together.

Amazon answers 429 with a Retry-After header and prints numbers for the catalogue only (ten uploads a second; Amazon:
catalog_validations), so nothing is limited until somebody says so. By the machine's own steady time: the caller who
waits waits in earnest, whatever the sandbox's clock says.
"""

from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from threading import Lock
from time import monotonic

from sandbox.answers import Answer, failure
from sandbox.operations import EVERY_OPERATION, check_operation

FASTEST = 100_000
SLOWEST = 0.001


class _Bucket:
    """Holds a second's worth of calls, or one call where that is less; full at the beginning."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self._most = max(1.0, per_second)
        self._tokens = self._most
        self._filled_at = monotonic()

    def wait(self) -> float:
        """Seconds until the next call may come; 0 when it may come now."""
        now = monotonic()
        self._tokens = min(self._most, self._tokens + (now - self._filled_at) * self.per_second)
        self._filled_at = now
        return 0.0 if self._tokens >= 1 else (1 - self._tokens) / self.per_second

    def take(self) -> None:
        self._tokens -= 1


@dataclass(frozen=True)
class RateLimit:
    per_second: float
    operation: str = EVERY_OPERATION

    def __post_init__(self) -> None:
        check_operation(self.operation)
        if not SLOWEST <= self.per_second <= FASTEST:
            raise ValueError(f"per_second is {SLOWEST} to {FASTEST}")


class RateLimits:
    """Thread-safe. A new limit of an operation replaces its old one."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}
        self._lock = Lock()

    def set(self, limit: RateLimit) -> None:
        with self._lock:
            self._buckets[limit.operation] = _Bucket(limit.per_second)

    def clear(self) -> None:
        with self._lock:
            self._buckets.clear()

    def listed(self) -> list[dict[str, object]]:
        with self._lock:
            return [{"operation": name, "per_second": bucket.per_second} for name, bucket in self._buckets.items()]

    def refusal(self, operation: str) -> Answer | None:
        """None when the call is let through. A refused call uses nothing up."""
        with self._lock:
            buckets = [self._buckets[name] for name in (operation, EVERY_OPERATION) if name in self._buckets]
            wait = max((bucket.wait() for bucket in buckets), default=0.0)
            if wait:
                return failure(429, retry_after=str(ceil(wait)))
            for bucket in buckets:
                bucket.take()
        return None


def read_rate_limit(content: object) -> RateLimit:
    """Raises ValueError with a sentence for people."""
    if not isinstance(content, dict) or not isinstance(content.get("per_second"), Decimal):
        raise ValueError('expected {"per_second": number, "operation": "*"}')
    return RateLimit(float(content["per_second"]), content.get("operation", EVERY_OPERATION))
