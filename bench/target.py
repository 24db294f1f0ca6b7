"""Our own server, as in production: a migrated database and granian."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.databases import Database
from bench.services import API_KEY, REPOSITORY, STORE_ID, WORKERS, Server, running

_CREATE_STORE = f"""
from stores.models import Store
Store.objects.create(external_id="{STORE_ID}", name="Bench", region="us-east-1",
                     time_zone="America/New_York", currency="USD")
"""


def environment(database: Database) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database.url,
        "CONNECTOR_API_KEYS": API_KEY,
        "SECRET_KEY": "only-for-the-benchmark-0123456789-0123456789-0123456789",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DEBUG": "off",
        "ENV_FILE": os.devnull,  # a developer's .env is not what is measured
        "IDENTITY_CALLS_PER_MINUTE": "1000000000",  # calls are counted as in production, and none is refused
    }


def migrate(database: Database) -> None:
    """All tables, and one store."""
    manage(database, "migrate", "--verbosity", "0")
    manage(database, "shell", "--verbosity", "0", "--command", _CREATE_STORE)


def manage(database: Database, *arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=REPOSITORY, env=environment(database), check=True)


@contextmanager
def running_granian(
    name: str, database: Database, log: Path, *, probed: str, workers: int = WORKERS
) -> Iterator[Server]:
    command = [
        str(Path(sys.executable).with_name("granian")),
        *("--interface", "rsgi", "jwo_backoffice.rsgi:application"),
        *("--host", "127.0.0.1", "--port", "{port}", "--workers", str(workers)),
        *("--no-ws", "--no-access-log", "--log-level", "warning"),
    ]
    with running(name, command, environment(database), log, probed=probed) as server:
        yield server
