"""The demo's processes live and die together."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.processes import ChildDied, Family

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
FAIL = [sys.executable, "-c", "import sys; print('no such port'); sys.exit(3)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.fork(); "
    "print('up', flush=True); time.sleep(60)",
]


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    family = Family(tmp_path, dict(os.environ), tmp_path)
    yield family
    family.stop()


def members(process_group: int) -> list[str]:
    """Who of the group is alive; one that is dead but not yet waited for does not count."""
    listed = subprocess.run(["ps", "-eo", "pgid=,state=,pid="], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in listed.splitlines())
    return [pid for group, state, pid in rows if int(group) == process_group and not state.startswith("Z")]


def test_one_that_ends_by_itself_is_named_with_its_last_words(family: Family) -> None:
    family.start("web", SLEEP)
    family.start("worker", FAIL)

    with pytest.raises(ChildDied, match=r"worker ended by itself \(exit code 3\)(.|\n)*no such port"):
        family.watch()


def test_all_end_together_also_those_that_will_not(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.processes.SECONDS_TO_END", 0.3)
    family.start("web", SLEEP)
    family.start("worker", STUBBORN)
    log = family.folder / "worker.log"
    while log.read_text().count("up") < 2:
        time.sleep(0.02)
    web, worker = (child.process.pid for child in family.children)
    assert (len(members(web)), len(members(worker))) == (1, 2)

    family.stop()

    assert members(web) == members(worker) == []
