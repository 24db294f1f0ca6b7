"""A worker that is killed at a chosen moment. The application holds no fail points: moments are counted from outside.

Right before and right after each commit; before a call leaves, when it has left, and when its answer is there. So a
step that is added to the work is found by itself.

The worker is forked off a process that has loaded Django already (multiprocessing's forkserver), which takes
milliseconds instead of seconds.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import django
import time_machine
from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Value
from django.utils.module_loading import import_string
from requests.adapters import HTTPAdapter

from jwo_backoffice.celery import WORK

PATIENCE = 60
NAMES = (
    "AMAZON_PAYMENTS_URL",
    "AMAZON_CHECKOUT_URL",
    "AMAZON_FEEDBACK_URL",
    "STRIPE_API_URL",
    "STRIPE_API_KEY",
    "WORK_LEASE_SECONDS",
    "WORK_BATCH_SIZE",
    "WORK_CALLS",
)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jwo_backoffice.settings_test")
django.setup()
for name in WORK:  # loaded once, for all workers
    import_string(name)

_processes = get_context("forkserver")
_processes.set_forkserver_preload([__name__])


class Life:
    """Counts its moments, and ends at one of them as by SIGKILL."""

    def __init__(self, *, ends_at: int) -> None:
        self._ends_at = ends_at
        self.moments: list[str] = []

    def comes_to(self, moment: str) -> None:
        self.moments.append(moment)
        if len(self.moments) == self._ends_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def passes(self, owner: type, method: str, *, before: str = "", after: str = "") -> None:
        original: Callable[..., Any] = getattr(owner, method)

        def passed(*args: Any, **kwargs: Any) -> Any:
            if before:
                self.comes_to(before)
            result = original(*args, **kwargs)
            if after:
                self.comes_to(after)
            return result

        setattr(owner, method, passed)


@dataclass(frozen=True)
class Mortal:
    """A worker that does what is due once, unless it is killed at one of its moments, of which the first is 1.

    Its clock may be wrong; `trusts_its_clock` has it lease by that clock instead of the database's.
    """

    task: str
    ends_at: int = 0
    clock_is_off: timedelta = timedelta()
    trusts_its_clock: bool = False

    def work(self) -> list[str]:
        """Its moments; empty when it was killed. Raises RuntimeError when it ended otherwise."""
        ours, theirs = _processes.Pipe(duplex=False)
        chosen = {name: getattr(settings, name) for name in NAMES}
        process = _processes.Process(target=_live, args=(self, connection.settings_dict, chosen, theirs))
        process.start()
        theirs.close()
        process.join(PATIENCE)
        if process.exitcode not in {0, -signal.SIGKILL}:
            process.kill()
            raise RuntimeError(f"the worker ended with {process.exitcode}")
        return [] if process.exitcode else ours.recv()


def _live(worker: Mortal, database: dict[str, Any], chosen: dict[str, Any], theirs: Connection) -> None:
    connection.settings_dict.update(database)
    for name, value in chosen.items():
        setattr(settings, name, value)
    if worker.trusts_its_clock:
        import_module("core.work").Now = lambda: Value(datetime.now(UTC), DateTimeField())
    life = Life(ends_at=worker.ends_at)
    life.passes(BaseDatabaseWrapper, "_commit", before="before a commit", after="after a commit")
    life.passes(HTTPAdapter, "send", before="before a call", after="its answer is there")
    life.passes(HTTPConnection, "getresponse", before="the call has left")
    with time_machine.travel(datetime.now(UTC) + worker.clock_is_off):
        import_string(worker.task)()
    theirs.send(life.moments)
