"""The project's own processes, as in production, for tests that need more than one: web with two workers, Celery."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.db import connection

PROJECT = Path(__file__).resolve().parents[2]
HERE = "127.0.0.1"
WEB_WORKERS = 2
SECONDS_TO_START = 60.0
SECONDS_TO_END = 10.0
LAST_CHARACTERS = 3000


class Guard:
    """Kills a process group when this process dies without having ended it, as when the tests themselves are killed."""

    def __init__(self, group: int) -> None:
        command = ["sh", "-c", 'read _; kill -KILL "-$0"', str(group)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def dismiss(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


class Process:
    """A command in a process group of its own, with a log. It ends with the block, and its children with it."""

    def __init__(self, command: Sequence[str], log: Path, **environment: str) -> None:
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=environment_of_children(**environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._guard = Guard(self.pid)

    @property
    def pid(self) -> int:
        return self._process.pid

    def check(self) -> None:
        """Raises RuntimeError, with the end of its log, when it has ended by itself."""
        if (code := self._process.poll()) is not None:
            raise RuntimeError(f"{self.log.name} ended with {code}:\n{self.last_words()}")

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-LAST_CHARACTERS:]

    def kill(self) -> None:
        """With all its children, as a machine that loses power."""
        self._guard.dismiss()
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(SECONDS_TO_END)
        self.kill()

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()


class Web(Process):
    """Granian with two workers. One that dies comes back, but one that then dies again within seconds ends them all."""

    first_workers: list[int]

    def __init__(
        self,
        database_url: str,
        log: Path,
        *,
        application: str = "jwo_backoffice.rsgi:application",
        **environment: str,
    ) -> None:
        self.port = free_port()
        command = [
            *(sys.executable, "-m", "granian", "--interface", "rsgi", application),
            *("--host", HERE, "--port", str(self.port), "--workers", str(WEB_WORKERS)),
            *("--no-ws", "--no-access-log", "--log-level", "warning"),
            *("--respawn-failed-workers", "--respawn-interval", "0.2"),
        ]
        super().__init__(command, log, DATABASE_URL=database_url, **environment)

    def wait_until_it_answers(self) -> None:
        wait_until(self._answers, self, seconds=SECONDS_TO_START)
        self.first_workers = children_of(self.pid)

    def _answers(self) -> bool:
        try:
            with socket.create_connection((HERE, self.port), timeout=2) as line:
                line.sendall(f"GET /healthz HTTP/1.1\r\nHost: {HERE}\r\nConnection: close\r\n\r\n".encode())
                return b" 200 " in line.recv(100)
        except OSError:
            return False


@contextmanager
def running_web(database_url: str, log: Path, **options: str) -> Iterator[Web]:
    with Web(database_url, log, **options) as web:
        web.wait_until_it_answers()
        yield web


def start_worker(
    name: str, folder: Path, *, beat: bool = False, app: str = "jwo_backoffice", **environment: str
) -> Process:
    """A Celery worker as the demo and production start it; `beat` gives it the clock that wakes all of them."""
    command = [
        *(sys.executable, "-m", "celery", "-A", app, "worker", "--hostname", f"{name}@{os.getpid()}"),
        *("--pool", "threads", "--concurrency", "4", "--loglevel", "WARNING", *(["-B"] if beat else [])),
    ]
    return Process(command, folder / f"{name}.log", VAR_DIR=str(folder), **environment)


def environment_of_children(**more: str) -> dict[str, str]:
    """The keys of the tests, but the settings of production."""
    return os.environ | {"DJANGO_SETTINGS_MODULE": "jwo_backoffice.settings", "PYTHONUNBUFFERED": "1"} | more


def database_url() -> str:
    """Where a process finds the database of this test."""
    at = connection.settings_dict
    user = ":".join(quote(part, safe="") for part in (at["USER"], at["PASSWORD"]) if part)
    return f"postgres://{user}@{quote(at['HOST'], safe='')}:{at['PORT'] or 5432}/{at['NAME']}"


def children_of(pid: int) -> list[int]:
    try:
        lists = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:  # it ended just now
        return []
    return [int(child) for children in lists for child in children]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until(is_so: Callable[[], bool], *processes: Process, seconds: float, pause: float = 0.05) -> None:
    """Until `is_so()`. Raises TimeoutError, or RuntimeError when one of the processes ends meanwhile."""
    until = time.monotonic() + seconds
    while not is_so():
        for process in processes:
            process.check()
        if time.monotonic() > until:
            said = "".join(f"\n{process.log.name}:\n{process.last_words()}" for process in processes)
            raise TimeoutError(f"not so after {seconds:.0f} seconds{said}")
        time.sleep(pause)
