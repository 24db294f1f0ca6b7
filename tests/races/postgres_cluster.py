"""A PostgreSQL of our own in a temporary folder, which may be killed as often as one likes."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from tests.races.processes import HERE, Guard, children_of, free_port

SECONDS_TO_START = 30.0

# A server program refuses to run as root.
AS_POSTGRES: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


class Cluster:
    def __init__(self, programs: Path, folder: Path, settings: dict[str, str]) -> None:
        self._programs, self._folder, self._settings = programs, folder, settings
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None
        self._run("initdb", "--pgdata=data", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")

    @property
    def url(self) -> str:
        return f"postgres://postgres@{HERE}:{self._port}/postgres"

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url, autocommit=True, connect_timeout=5)

    def start(self) -> None:
        """Until it accepts connections. What is left of a killed one may keep its memory for a moment: try again."""
        until = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                self._dismiss_guard()
                self._process = self._spawn()
                self._guard = Guard(self._process.pid)
            with suppress(psycopg.OperationalError):
                self.connect().close()
                return
            time.sleep(0.05)
        raise TimeoutError(f"PostgreSQL does not start:\n{(self._folder / 'log').read_text()[-3000:]}")

    def kill_all(self, signal_to_postmaster: signal.Signals) -> None:
        """SIGKILL as when its machine dies, or SIGQUIT, its own immediate stop. Start it again afterwards."""
        assert self._process is not None
        children = children_of(self._process.pid)
        self._process.send_signal(signal_to_postmaster)
        if signal_to_postmaster == signal.SIGKILL:
            for child in children:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        self._process.wait()

    def kill_a_backend(self, dice: Random) -> bool:
        """SIGKILL for one that serves a client, upon which PostgreSQL restarts itself. False when there is none."""
        query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        try:
            with self.connect() as connection:
                pids = [pid for (pid,) in connection.execute(query).fetchall()]
                if pids:
                    os.kill(dice.choice(sorted(pids)), signal.SIGKILL)
        except (psycopg.OperationalError, ProcessLookupError):
            return False
        return bool(pids)

    def back_up(self) -> None:
        """As it is now, while it is used."""
        where = (f"--host={HERE}", f"--port={self._port}", "--username=postgres")
        self._run("pg_basebackup", *where, "--pgdata=backup", "--checkpoint=fast", "--no-sync")

    def restore(self) -> None:
        """As it was when it was backed up, all at once."""
        self.kill_all(signal.SIGKILL)
        shutil.rmtree(self._folder / "data")
        (self._folder / "backup").rename(self._folder / "data")
        self.start()

    def _spawn(self) -> subprocess.Popen[bytes]:
        here = {"port": str(self._port), "listen_addresses": HERE, "unix_socket_directories": str(self._folder)}
        options = [f"--{name}={value}" for name, value in (here | self._settings).items()]
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                [self._programs / "postgres", "-D", "data", *options],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **AS_POSTGRES,
            )

    def _run(self, program: str, *arguments: str) -> None:
        command = [self._programs / program, *arguments]
        subprocess.run(command, cwd=self._folder, check=True, capture_output=True, **AS_POSTGRES)

    def _dismiss_guard(self) -> None:
        if self._guard is not None:
            self._guard.dismiss()

    def end(self) -> None:
        self._dismiss_guard()
        if self._process is not None and self._process.poll() is None:
            self.kill_all(signal.SIGKILL)


@contextmanager
def running_cluster(**settings: str) -> Iterator[Cluster]:
    """As installed, and so durable, but for `settings`. Skips the test where the server programs are not installed."""
    programs = _programs()
    if programs is None:
        pytest.skip("needs the server programs of PostgreSQL on this machine (initdb, postgres)")
    folder = Path(tempfile.mkdtemp(prefix="jwo-cluster-"))
    try:
        if AS_POSTGRES:
            shutil.chown(folder, "postgres", "postgres")
        cluster = Cluster(programs, folder, settings)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed[-1].parent if installed else None
