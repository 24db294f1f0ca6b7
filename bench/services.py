"""A web program under test: started on a free port of the loopback, asked until it answers, stopped at the end."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
WORKERS = 2
API_KEY = "bench-key"
STORE_ID = "BENCH"
_START_SECONDS = 40
_STOP_SECONDS = 15


@dataclass(frozen=True)
class Server:
    name: str
    port: int
    pid: int

    def url_of(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def running(
    name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, *, probed: str
) -> Iterator[Server]:
    """Start `command` (its {port} is filled in) in the repository; ready when it answers at the path `probed`."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [argument.format(port=port) for argument in command],
            cwd=REPOSITORY,
            env={"PATH": os.environ["PATH"], **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        server = Server(name, port, process.pid)
        try:
            _wait_until_ready(server, process, log, probed)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes], log: Path, path: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    problem = "no answer"
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(_refused_call(server.url_of(path)), timeout=5):
                problem = "it accepted an empty body"
        except urllib.error.HTTPError as error:
            if error.code in {400, 422}:  # the key is right and the body is looked at: it is up
                return
            problem = f"status {error.code}: {error.read()[:300]!r}"
        except OSError as error:
            problem = str(error)
        time.sleep(0.2)
    raise SystemExit(f"{server.name} did not start ({problem}):\n{log.read_text(errors='replace')[-3000:]}")


def _refused_call(url: str) -> urllib.request.Request:
    headers = {"Content-Type": "application/json", "x-api-key": API_KEY}
    return urllib.request.Request(url, data=b"{}", headers=headers, method="POST")
