"""Amazon's callers during a crash: each sends carts until told to stop, and each cart until it is acknowledged."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from random import Random
from threading import Event, Lock
from uuid import UUID

from tests.races.deliveries import HEADERS, PATH, Answer, read
from tests.races.processes import HERE

CALLERS = 8
MOST_CARTS_EACH = 4000
SHARE_SENT_AGAIN = 0.1
SHARE_OF_LOST_ANSWERS = 0.1
SECONDS_TO_ACKNOWLEDGE = 45.0
PAUSE_AFTER_FAILURE = 0.05


class Callers:
    """What they were told: `acknowledged` holds body and purchase id by trip id, `broken_promises` other answers."""

    def __init__(self, port: int, store_id: str, seed: int) -> None:
        self._port, self._store_id, self._seed = port, store_id, seed
        self._stopping = Event()
        self._lock = Lock()
        self.acknowledged: dict[str, tuple[bytes, str]] = {}
        self.broken_promises: list[str] = []
        self.resent = 0
        self.answers: Counter[str] = Counter()
        self.longest_silence = 0.0
        self._last_success = time.monotonic()

    @contextmanager
    def calling(self) -> Iterator[None]:
        """While the block runs. Afterwards every cart that was begun has been acknowledged."""
        with ThreadPoolExecutor(CALLERS, thread_name_prefix="caller") as threads:
            callers: list[Future[None]] = [threads.submit(self._call, number) for number in range(CALLERS)]
            try:
                yield
            finally:
                self._stopping.set()
            for caller in callers:
                caller.result()

    def _call(self, number: int) -> None:
        dice = Random(f"{self._seed}/{number}")
        line = HTTPConnection(HERE, self._port, timeout=30)
        mine: list[str] = []
        while not self._stopping.is_set() and len(mine) < MOST_CARTS_EACH:
            trip_id = str(UUID(int=dice.getrandbits(128), version=4))
            body = self._cart(dice, trip_id)
            purchase_id = self._until_acknowledged(line, body, dice)
            self.acknowledged[trip_id] = body, purchase_id
            mine.append(trip_id)
            if dice.random() < SHARE_SENT_AGAIN:
                self._send_again(line, dice.choice(mine), dice)
        line.close()

    def _send_again(self, line: HTTPConnection, trip_id: str, dice: Random) -> None:
        body, promised = self.acknowledged[trip_id]
        purchase_id = self._until_acknowledged(line, body, dice)
        with self._lock:
            self.resent += 1
            if purchase_id != promised:
                self.broken_promises.append(f"{trip_id}: first {promised}, then {purchase_id}")

    def _until_acknowledged(self, line: HTTPConnection, body: bytes, dice: Random) -> str:
        until = time.monotonic() + SECONDS_TO_ACKNOWLEDGE
        heard: Counter[Answer] = Counter()
        while time.monotonic() < until:
            status, said = self._send(line, body, loses_the_answer=dice.random() < SHARE_OF_LOST_ANSWERS)
            if status == 201:
                return said
            heard[status, said] += 1
            if status:
                time.sleep(PAUSE_AFTER_FAILURE)
        raise TimeoutError(f"a cart was not acknowledged within {SECONDS_TO_ACKNOWLEDGE:.0f} seconds: {heard}")

    def _send(self, line: HTTPConnection, body: bytes, *, loses_the_answer: bool) -> Answer:
        """One try; status 0 when its answer was lost on purpose, 1 when the connection failed."""
        try:
            line.request("POST", PATH, body, HEADERS)
            if loses_the_answer:
                line.close()
                answer = 0, "lost on purpose"
            else:
                response = line.getresponse()
                answer = read(response.status, response.read())
        except (OSError, HTTPException) as error:
            line.close()
            answer = 1, type(error).__name__
        self._note(*answer)
        return answer

    def _note(self, status: int, said: str) -> None:
        now = time.monotonic()
        with self._lock:
            self.answers[said if status < 200 else str(status)] += 1
            if status == 201:
                self.longest_silence = max(self.longest_silence, now - self._last_success)
                self._last_success = now

    def _cart(self, dice: Random, trip_id: str) -> bytes:
        cart = {
            "requestId": str(UUID(int=dice.getrandbits(128), version=4)),
            "idempotentShoppingTripId": trip_id,
            "storeId": self._store_id,
            "shoppingTrip": {
                "startTime": "2022-11-29T16:13:26Z",
                "endTime": "2022-11-29T16:13:28Z",
                "authEvents": [{"id": trip_id, "authLocation": "ENTRY", "payloadType": "FINANCIAL"}],
            },
            "cartItems": [
                {"id": f"SKU-{number}", "type": "SKU", "quantity": {"value": "1.0", "unit": "unit"}}
                for number in range(dice.randint(1, 4))
            ],
        }
        return json.dumps(cart).encode()
