"""The staff's systems: money is given back through the API, again and again with the same key until it answers."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from random import Random
from uuid import UUID

from tests.races.processes import HERE

TRIES = 20
PAUSE_AFTER_FAILURE = 0.2


class Staff:
    """`granted` holds the keys of the refunds that were promised."""

    def __init__(self, seed: int, trips: Mapping[str, object], port: Callable[[], int]) -> None:
        self._dice = Random(f"{seed}/staff")
        self._trips, self._port = trips, port
        self.granted: set[str] = set()
        self.answers: Counter[int] = Counter()

    def give_back(self) -> None:
        """A small part of one of the older half of the trips, whatever became of it by now."""
        trips = list(self._trips)
        if not trips:
            return
        trip_id = self._dice.choice(trips[: len(trips) // 2 + 1])
        key = str(UUID(int=self._dice.getrandbits(128), version=4))
        amount = f"{self._dice.randint(1, 60) / 100:.2f}"
        body = json.dumps({"refund_request_id": key, "amount": amount, "reason": "OTHER"})
        for _ in range(TRIES):
            status = self._post(f"/api/v1/trips/{trip_id}/refunds/", body)
            self.answers[status] += 1
            if status in {200, 201}:
                self.granted.add(key)
            if 200 <= status < 500:
                return
            time.sleep(PAUSE_AFTER_FAILURE)

    def _post(self, path: str, body: str) -> int:
        headers = {"Authorization": "Bearer test-write-key", "Content-Type": "application/json"}
        line = HTTPConnection(HERE, self._port(), timeout=30)
        try:
            line.request("POST", path, body, headers)
            return line.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            line.close()
