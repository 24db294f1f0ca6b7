"""The demo's processes: started together, watched, stopped together. Each writes its own log."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LAST_LINES = 15
SECONDS_TO_END = 10.0
WATCH_SECONDS = 0.3


class ChildDied(Exception):
    """One of the processes has ended by itself; the text says which, with the end of its log."""


@dataclass(slots=True)
class Child:
    name: str
    log: Path
    process: subprocess.Popen[bytes]

    def check(self) -> None:
        code = self.process.poll()
        if code is not None:
            lines = self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
            said = "\n".join(f"    {line}" for line in lines) or "    (it wrote nothing)"
            raise ChildDied(
                f"The {self.name} ended by itself (exit code {code}). Its last lines, from {self.log}:\n{said}"
            )


@dataclass(slots=True)
class Family:
    """Every child leads a process group of its own: a Ctrl-C reaches the launcher alone, which ends them in order."""

    folder: Path
    environment: dict[str, str]
    working_directory: Path
    children: list[Child] = field(default_factory=list)

    def start(self, name: str, command: Sequence[str]) -> None:
        log = self.folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=self.working_directory,
                start_new_session=True,
            )
        self.children.append(Child(name, log, process))

    def check(self) -> None:
        """Raises ChildDied."""
        for child in self.children:
            child.check()

    def watch(self) -> None:
        """Until one of them ends (ChildDied) or a signal comes (KeyboardInterrupt)."""
        while True:
            self.check()
            time.sleep(WATCH_SECONDS)

    def stop(self) -> None:
        """The youngest first, each with time to finish; then whatever is left of any group."""
        until = time.monotonic() + SECONDS_TO_END
        for child in reversed(self.children):
            child.process.terminate()
        for child in reversed(self.children):
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, until - time.monotonic()))
            with suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
