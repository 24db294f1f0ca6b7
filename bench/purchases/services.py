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

from bench.purchases import carts
from bench.purchases.databases import Database

REPOSITORY = Path(__file__).resolve().parent.parent.parent
WORKERS = 2
_START_SECONDS = 40
_STOP_SECONDS = 15


@dataclass(frozen=True)
class Stored:
    """Where the program's carts can be counted by SQL."""

    database: Database
    trips: str
    trip_id_column: str
    parts: str
    parts_per_line: bool  # the parts are lines; otherwise one row with the body for each trip

    def count(self) -> tuple[int, int]:
        """Trips, and the parts that hang on them."""
        query = f"SELECT (SELECT count(*) FROM {self.trips}), (SELECT count(*) FROM {self.parts})"
        with self.database.connect() as connection:
            trips, parts = connection.execute(query).fetchone()
        return trips, parts

    def count_of(self, trip_ids: Sequence[str]) -> tuple[int, int]:
        """Rows for these trips, and how many different trips they are for."""
        column = self.trip_id_column
        query = f"SELECT count(*), count(DISTINCT {column}) FROM {self.trips} WHERE {column} = ANY(%s)"
        with self.database.connect() as connection:
            rows, trips = connection.execute(query, [list(trip_ids)]).fetchone()
        return rows, trips


@dataclass(frozen=True)
class Service:
    name: str
    port: int
    pid: int
    stored: Stored

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{carts.PATH}"


@contextmanager
def running(
    name: str, command: Sequence[str], environment: Mapping[str, str], stored: Stored, log: Path
) -> Iterator[Service]:
    """Start `command` (its {port} is filled in) in the repository's folder and wait until it accepts a cart."""
    port = _free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [argument.format(port=port) for argument in command],
            cwd=REPOSITORY,
            env={"PATH": os.environ["PATH"], **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        service = Service(name, port, process.pid, stored)
        try:
            _wait_until_ready(service, process, log)
            yield service
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_ready(service: Service, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    problem = "no answer"
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(_refused_call(service.url), timeout=5):
                problem = "it accepted an empty body"
        except urllib.error.HTTPError as error:
            if error.code in {400, 422}:  # the key is right and the body is looked at: it is up
                return
            problem = f"status {error.code}: {error.read()[:300]!r}"
        except OSError as error:
            problem = str(error)
        time.sleep(0.2)
    raise SystemExit(f"{service.name} did not start ({problem}):\n{log.read_text(errors='replace')[-3000:]}")


def _refused_call(url: str) -> urllib.request.Request:
    headers = {"Content-Type": "application/json", "x-api-key": carts.API_KEY}
    return urllib.request.Request(url, data=b"{}", headers=headers, method="POST")
