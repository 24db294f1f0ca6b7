"""The processes of a measurement that are no web servers: workers, their broker. They end with the block."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import redis

from bench.services import REPOSITORY, free_port

_START_SECONDS = 20
_STOP_SECONDS = 15
STALL_SECONDS = 120
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Process:
    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    def check(self) -> None:
        if (code := self.popen.poll()) is not None:
            raise SystemExit(f"{self.log.stem} ended with {code}:\n{self.last_words()}")

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[Process]:
    """In a process group of its own, so that the processes it forks end with it."""
    with log.open("wb") as output:
        popen = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={"PATH": os.environ["PATH"], **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Process(popen, log)
    finally:
        popen.terminate()
        with suppress(subprocess.TimeoutExpired):
            popen.wait(_STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(popen.pid, signal.SIGKILL)
        popen.wait()


def celery(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", *arguments]


@contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """A broker that nobody else uses; gives its address."""
    program = shutil.which("redis-server")
    if not program:
        raise SystemExit("redis-server is missing: apt-get install redis-server")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with running(command, {}, folder / "redis.log") as process:
        with redis.Redis(port=port) as client:
            wait_until_none(lambda: not _answers(client), [process], seconds=_START_SECONDS)
        yield f"redis://127.0.0.1:{port}"


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def wait_until_none(left: Callable[[], int], processes: Sequence[Process], *, seconds: float = STALL_SECONDS) -> None:
    """Until none is left. Ends the run when their number has not fallen for so many seconds, or a process ended."""
    fewest, gives_up_at = None, time.monotonic() + seconds
    while number := left():
        for process in processes:
            process.check()
        if fewest is None or number < fewest:
            fewest, gives_up_at = number, time.monotonic() + seconds
        if time.monotonic() > gives_up_at:
            said = "".join(f"\n{process.log.stem}:\n{process.last_words()}" for process in processes)
            raise SystemExit(f"{number} were left for {seconds:.0f} seconds.{said}")
        time.sleep(_POLL_SECONDS)
