"""Starting the demo: the sandbox, then worker and web, then a stream of trips."""

import os
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from django.conf import settings
from django.db import connection

from demo.environment import HERE, Options, environment_of_children, mail_folder
from demo.guards import NotHere, check_may_write
from demo.processes import Family
from reports.services.exports import FOLDER
from stores.models import Store

SECONDS_TO_ANSWER = 60.0
WEB_WORKERS = 2
WORKER_THREADS = 4
PYTHON = sys.executable

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def books_path() -> Path:
    folder: Path = settings.VAR_DIR
    return folder / "sandbox-books.sqlite3"


def check_ports(options: Options) -> None:
    """Raises NotHere when something listens on one of them already."""
    for name, port in (("PORT", options.port), ("SANDBOX_PORT", options.sandbox_port)):
        with socket.socket() as probe:
            # Connections of an earlier run that still linger do not keep the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HERE, port))
            except OSError as error:
                said = (
                    "is in use, perhaps by another demo" if not isinstance(error, PermissionError) else "is not allowed"
                )
                raise NotHere(
                    f"Port {port} {said}. Stop that, or choose another: make demo {name}={port + 1}"
                ) from error


def new_family(options: Options) -> Family:
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    return Family(settings.VAR_DIR, environment_of_children(options), settings.BASE_DIR)


def start_sandbox(family: Family, options: Options) -> None:
    address = ["--host", HERE, "--port", str(options.sandbox_port), "--books", str(books_path())]
    family.start("sandbox", [PYTHON, "manage.py", "sandbox", "--adopt", *address])
    wait_for(family, f"{options.sandbox_url}/healthz")


def start_work(family: Family, options: Options) -> None:
    worker = ["worker", "-B", "--pool", "threads", "--concurrency", str(WORKER_THREADS), "--loglevel", "WARNING"]
    family.start("worker", [PYTHON, "-m", "celery", "-A", "jwo_backoffice", *worker])
    granian = ["--interface", "rsgi", "--host", HERE, "--port", str(options.port), "--workers", str(WEB_WORKERS)]
    family.start("web", [PYTHON, "-m", "granian", *granian, "jwo_backoffice.rsgi:application"])
    wait_for(family, f"{options.url}/healthz")


def start_trips(family: Family, options: Options) -> None:
    if options.trips_per_minute <= 0:
        return
    pace = ["--random", "--per-minute", str(options.trips_per_minute)]
    ends = ["--connector-url", options.url, "--sandbox-url", options.sandbox_url]
    keys = ["--key", settings.CONNECTOR_API_KEYS[0], "--app-key", settings.WRITE_API_KEYS[0]]
    family.start("trips", [PYTHON, "manage.py", "send_trip", *pace, *ends, *keys])


def wait_for(family: Family, url: str) -> None:
    """Until the address answers. Raises ChildDied, or NotHere when it takes too long."""
    until = time.monotonic() + SECONDS_TO_ANSWER
    while time.monotonic() < until:
        family.check()
        try:
            with _direct.open(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise NotHere(f"{url} does not answer after {SECONDS_TO_ANSWER:.0f} seconds; see the logs in {family.folder}.")


def forget_database() -> None:
    """Where it is a file, as a whole: its tables may be those of another version. Raises NotHere for a database that
    somebody works with."""
    if connection.vendor != "sqlite":
        return
    if Store._meta.db_table in connection.introspection.table_names():
        check_may_write()
    connection.close()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{connection.settings_dict['NAME']}{suffix}").unlink(missing_ok=True)


def forget_files() -> None:
    """What the demo keeps beside its database."""
    for path in (books_path(), *settings.VAR_DIR.glob("sandbox-books.sqlite3-*"), *settings.VAR_DIR.glob("beat-*")):
        path.unlink(missing_ok=True)
    for folder in (mail_folder(), settings.MEDIA_ROOT / FOLDER):
        shutil.rmtree(folder, ignore_errors=True)
    for name in os.listdir(settings.CELERY_BROKER_DIR) if settings.CELERY_BROKER_DIR.is_dir() else []:
        message = settings.CELERY_BROKER_DIR / name
        if message.is_file():
            message.unlink()
