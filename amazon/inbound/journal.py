"""Writing Amazon's calls down, a moment after their answers, so that the journal never holds up a call or fails it.

One thread per process takes what has gathered in JOURNAL_DELAY_SECONDS and writes it. While the database is away, calls
gather up to a bound and then the oldest are dropped, and counted in the log. A process that ends writes what it still
has; one that is killed loses what gathered since the last write.
"""

import logging
import os
import time
from collections import deque
from multiprocessing.util import Finalize
from threading import Event, Lock, Thread

from django.conf import settings
from django.db import Error, connection

from amazon.inbound.calls import Call, rows_of, write

MOST_CALLS = 20_000
MOST_BYTES = 16 * 1024 * 1024

# Written at once. Between two of these the thread rests, so that no call waits long for the interpreter or the lock.
_BATCH = 100
_REST_SECONDS = 0.001

_RETRY_SECONDS = 1.0
_IDLE_SECONDS = 60.0
_SECONDS_TO_END = 5.0

logger = logging.getLogger(__name__)


class Journal:
    """The calls of this process that are not written yet."""

    def __init__(self) -> None:
        self.start_afresh()

    def start_afresh(self) -> None:
        """In a process that was forked off: the thread stayed in the parent, which writes what has gathered there."""
        self._lock = Lock()
        self._has_calls = Event()
        self._is_ending = Event()
        self._calls: deque[Call] = deque()
        self._bytes = 0
        self._dropped = 0
        self._is_waiting = False
        self._thread: Thread | None = None

    def record(self, call: Call) -> None:
        """Remember the call and return at once; without a delay, write it first. Raises nothing."""
        if settings.JOURNAL_DELAY_SECONDS <= 0:
            _write_now(call)
            return
        with self._lock:
            self._calls.append(call)
            self._bytes += call.size
            if len(self._calls) > MOST_CALLS or self._bytes > MOST_BYTES:
                self._drop_oldest()
            if self._thread is None:
                self._start()
        if not self._has_calls.is_set():
            self._has_calls.set()

    def end(self) -> None:
        """Write what is left, as far as the database lets us, and end the thread."""
        thread = self._thread
        if thread is None:
            return
        self._is_ending.set()
        self._has_calls.set()
        thread.join(_SECONDS_TO_END)
        with self._lock:
            self._dropped += len(self._calls)
            self._calls.clear()
            self._bytes = 0
            self._is_waiting = False
            self._thread = None
            self._is_ending.clear()
            self._has_calls.clear()
        self._say_how_many_were_dropped()

    def _start(self) -> None:
        self._thread = Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()
        # Not atexit, which a worker that was forked off by multiprocessing does not run.
        Finalize(None, self.end, exitpriority=10)

    def _run(self) -> None:
        try:
            while not self._is_ending.is_set():
                if not self._has_calls.wait(_IDLE_SECONDS):
                    connection.close()
                    continue
                self._is_ending.wait(settings.JOURNAL_DELAY_SECONDS)
                self._has_calls.clear()
                if not self._write_all():
                    self._has_calls.set()
                    self._is_ending.wait(_RETRY_SECONDS)
            self._write_all()
        finally:
            connection.close()

    def _write_all(self) -> bool:
        """Whether the database took everything."""
        while batch := self._take():
            try:
                _write(batch)
            except Error:
                connection.close()
                self._wait_for_database(batch)
                return False
            except Exception:
                logger.exception("%s calls of Amazon's could not be journalled", len(batch))
            self._is_waiting = False
            time.sleep(_REST_SECONDS)
        self._say_how_many_were_dropped()
        return True

    def _wait_for_database(self, batch: list[Call]) -> None:
        if not self._is_waiting:
            logger.warning("the journal of calls waits for the database", exc_info=True)
        self._is_waiting = True
        with self._lock:
            self._calls.extendleft(reversed(batch))
            self._bytes += sum(call.size for call in batch)
            self._drop_oldest()

    def _take(self) -> list[Call]:
        with self._lock:
            batch = [self._calls.popleft() for _ in range(min(_BATCH, len(self._calls)))]
            self._bytes -= sum(call.size for call in batch)
        return batch

    def _drop_oldest(self) -> None:
        while len(self._calls) > MOST_CALLS or self._bytes > MOST_BYTES:
            self._bytes -= self._calls.popleft().size
            self._dropped += 1

    def _say_how_many_were_dropped(self) -> None:
        if self._dropped:
            with self._lock:
                dropped, self._dropped = self._dropped, 0
            logger.error("%s calls of Amazon's were not journalled: the database was away or too slow", dropped)


def _write(batch: list[Call]) -> None:
    connection.close_if_unusable_or_obsolete()
    if connection.connection is None and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # This connection writes nothing but the journal, which may lose its last moment when a server dies.
            cursor.execute("SET synchronous_commit TO off")
    write(rows_of(batch))


def _write_now(call: Call) -> None:
    try:
        write(rows_of([call]))
    except Error:
        logger.exception("a call of Amazon's was not journalled")


journal = Journal()
os.register_at_fork(after_in_child=journal.start_afresh)
