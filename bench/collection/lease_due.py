"""Lease every due charge, as a worker does, and say what that cost after the first batch.

The other half of bench.collection.leasing.
"""

import json
import time
from collections.abc import Callable
from typing import Any

import django


class Clock:
    """Counts the time that statements take."""

    seconds = 0.0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self.seconds += time.perf_counter() - started


def lease_all() -> dict[str, float]:
    django.setup()
    from django.conf import settings
    from django.db import connection

    from payments.models import Charge

    clock, rows = Clock(), 0
    warm_up = len(Charge.lease_due(settings.WORK_BATCH_SIZE))
    started = time.perf_counter()
    with connection.execute_wrapper(clock):
        while leased := Charge.lease_due(settings.WORK_BATCH_SIZE):
            rows += len(leased)
    return {
        "warm_up": warm_up,
        "rows": rows,
        "seconds": time.perf_counter() - started,
        "statement_seconds": clock.seconds,
    }


if __name__ == "__main__":
    print(json.dumps(lease_all()))
