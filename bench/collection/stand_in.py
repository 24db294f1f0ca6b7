"""The stand-in for Amazon (bench.collection.amazon) as a process, and the orders it obeys."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bench.collection.amazon import HOST, Books
from bench.services import REPOSITORY, free_port


class StandIn:
    """It begins closed."""

    def __init__(self, port: int, process: subprocess.Popen[str]) -> None:
        self.url = f"http://{HOST}:{port}"
        self.pid = process.pid
        self._process = process

    def open(self) -> None:
        self._order("open")

    def close(self) -> None:
        """Connections are cut, and new ones refused."""
        self._order("close")

    def be_busy(self, seconds: float) -> None:
        """Answer 429 for so long, each time with how long it still lasts."""
        self._order("be busy", seconds=seconds)

    def expect(self, trip_ids: Sequence[str]) -> None:
        """Begin new books, and count which of these trips are not captured yet."""
        self._order("expect", trips=trip_ids)

    def left(self) -> int:
        return self._order("count")

    def books(self) -> Books:
        return Books(**self._order("show"))

    def _order(self, what: str, **more: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({"do": what, **more}), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())


@contextmanager
def running_stand_in(delay_ms: float) -> Iterator[StandIn]:
    port = free_port()
    command = [sys.executable, "-m", "bench.collection.amazon", str(port), str(delay_ms)]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        yield StandIn(port, process)
