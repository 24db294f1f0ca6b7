"""The sandbox as a real process, for the tests of whoever calls it."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self, TypedDict

from sandbox.control_client import ControlClient

PROJECT = Path(__file__).resolve().parent.parent
PATIENCE = 5


class Keys(TypedDict):
    """The credentials that the sandbox knows."""

    access_key: str
    secret_key: str


class SandboxProcess(ControlClient):
    """`with SandboxProcess(adopt=True) as sandbox:` gives sandbox.url and everything ControlClient can do.

    The process ends with the block, and also when this process dies without leaving it.
    """

    def __init__(
        self,
        *,
        adopt: bool = False,
        fault_rate: float = 0.0,
        seed: int = 1,
        books: str | Path = ":memory:",
        repeated_capture: str = "charge",
        access_key: str = "demo-access-key",
        secret_key: str = "demo-secret-key",
        port: int = 0,
        test_host: bool = False,
    ) -> None:
        super().__init__("")
        self.access_key = access_key
        self.secret_key = secret_key
        options = {
            "--port": port,
            "--fault-rate": fault_rate,
            "--seed": seed,
            "--books": books,
            "--repeated-capture": repeated_capture,
            "--access-key": access_key,
            "--secret-key": secret_key,
        }
        self._arguments = [part for name, value in options.items() for part in (name, str(value))]
        self._arguments += ["--until-stdin-closes"] + ["--adopt"] * adopt + ["--test-host"] * test_host
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Raises RuntimeError with what the process said when it does not come up."""
        with TemporaryFile("w+") as complaints:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sandbox", *self._arguments],
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            )
            greeting = self._process.stdout.readline() if self._process.stdout else ""
            if "http://" not in greeting:
                self.stop()
                complaints.seek(0)
                raise RuntimeError(f"the sandbox did not start: {greeting}{complaints.read()}")
        self.url = greeting.partition("listens on ")[2].partition(" ")[0]

    def stop(self) -> None:
        self.close()
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
