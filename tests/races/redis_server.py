"""A Redis of our own, which keeps nothing and may be killed and stopped as often as one likes."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import redis

from tests.races.processes import HERE, Process, free_port, wait_until

SECONDS_TO_START = 20.0


class RedisServer:
    def __init__(self, program: str, folder: Path) -> None:
        port = free_port()
        self.url = f"redis://{HERE}:{port}/0"
        self._log = folder / "redis.log"
        self._command = [program, "--port", str(port), "--bind", HERE, "--save", "", "--appendonly", "no"]
        self._process: Process | None = None

    def start(self) -> None:
        self._process = Process(self._command, self._log)
        wait_until(self._answers, self._process, seconds=SECONDS_TO_START)

    def _answers(self) -> bool:
        with suppress(redis.RedisError), redis.Redis.from_url(self.url, socket_timeout=1) as client:
            return bool(client.ping())
        return False

    def kill(self) -> None:
        """With all that it held."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """It takes connections, and answers nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    @contextmanager
    def absent(self) -> Iterator[None]:
        """Killed, and another one afterwards, which knows nothing."""
        self.kill()
        yield
        self.start()


@contextmanager
def running_redis(folder: Path) -> Iterator[RedisServer]:
    """Skips the test where redis-server is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("needs redis-server on this machine")
    server = RedisServer(program, folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
