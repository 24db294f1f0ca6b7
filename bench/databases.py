"""The benchmark's own databases: made new, proven durable, dropped at the end. Loopback only."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urlsplit

import psycopg
from psycopg import sql

from bench.cpu import parent_of

_NAME_PREFIX = "jwo_bench"  # databases are dropped: never anyone else's


@dataclass(frozen=True)
class Database:
    host: str
    port: int
    user: str
    password: str
    name: str

    @classmethod
    def from_url(cls, url: str) -> "Database":
        parts = urlsplit(url)
        database = cls(
            parts.hostname or "",
            parts.port or 5432,
            unquote(parts.username or "postgres"),
            unquote(parts.password or ""),
            parts.path.lstrip("/"),
        )
        if not _is_loopback(database.host):
            raise SystemExit(f"{database.host or 'no host'}: the benchmark only runs against a loopback address.")
        if not database.name.startswith(_NAME_PREFIX):
            raise SystemExit(f"{database.name or 'no name'}: it is dropped afterwards, so call it {_NAME_PREFIX}…")
        return database

    @property
    def url(self) -> str:
        password = f":{quote(self.password)}" if self.password else ""
        return f"postgres://{quote(self.user)}{password}@{self.host}:{self.port}/{self.name}"

    def named(self, name: str) -> "Database":
        return replace(self, name=name)

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url, autocommit=True)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def fresh(database: Database) -> Iterator[Database]:
    """Create the database anew and drop it afterwards, whatever happens."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database.name))
    with database.named("postgres").connect() as server:
        server.execute(drop)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database.name)))
    try:
        yield database
    finally:
        with database.named("postgres").connect() as server:
            server.execute(drop)


def assert_durable(database: Database) -> dict[str, str]:
    """What the server says about durability. Ends the run if a commit may be lost."""
    names = ["fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "autovacuum", "shared_buffers"]
    with database.connect() as connection:
        settings = {name: connection.execute(f"SHOW {name}").fetchone()[0] for name in names}
    if (settings["fsync"], settings["synchronous_commit"]) != ("on", "on"):
        raise SystemExit(f"Commits are not durable here: {settings}")
    return settings


def checkpoint(database: Database) -> None:
    """So that every measurement starts with the same distance to the next checkpoint."""
    with database.connect() as connection:
        connection.execute("CHECKPOINT")


def postmaster_pid(database: Database) -> int:
    """The root of PostgreSQL's processes: the parent of our own backend, whose number the server tells."""
    with database.connect() as connection:
        try:
            return parent_of(connection.info.backend_pid)
        except FileNotFoundError as error:
            raise SystemExit("PostgreSQL's processes are not to be seen from here: run it on this machine.") from error
