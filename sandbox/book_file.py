"""The SQLite file the books stand in; or memory, when it is to be forgotten with the process.

One connection behind one lock: a decision and what it writes are one transaction, whatever thread it comes from.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

Row = tuple[Any, ...]


class BookFile:
    def __init__(self, path: str = ":memory:") -> None:
        """Raises sqlite3.Error."""
        self._lock = RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def create(self, tables: str) -> None:
        with self._lock:
            self._connection.executescript(tables)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written, or nothing; other threads wait."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Several readings of the same state."""
        with self._lock:
            yield

    def execute(self, statement: str, parameters: tuple[object, ...] = ()) -> list[Row]:
        with self._lock:
            return self._connection.execute(statement, parameters).fetchall()
