"""The whole back office as production runs it, on SQLite, with the demo's data and a sandbox in Amazon's place."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from sandbox.testing import SandboxProcess
from tests.races.processes import HERE, PROJECT, SECONDS_TO_START, Process, free_port, wait_until

READ_KEY = "test-read-key"


@dataclass(frozen=True, slots=True)
class BackOffice:
    """`places` are addresses by the name of their page, `scene` is what the journeys are about (prepare.py)."""

    url: str
    places: dict[str, str]
    scene: dict[str, Any]

    def trip(self, amazon_trip_id: str) -> dict[str, Any]:
        """As the retailer's own systems read it."""
        return self._read(f"/api/v1/trips/{amazon_trip_id}/")

    def refunds(self, amazon_trip_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.trip(amazon_trip_id)["refunds"]
        return found

    def _read(self, path: str) -> dict[str, Any]:
        answer = requests.get(self.url + path, headers={"Authorization": f"Bearer {READ_KEY}"}, timeout=10)
        assert answer.status_code == 200, answer.text
        read: dict[str, Any] = answer.json()
        return read


@contextmanager
def running_backoffice(folder: Path) -> Iterator[BackOffice]:
    port = free_port()
    with SandboxProcess(adopt=True, access_key="test-access-key", secret_key="test-secret-key") as sandbox:
        # By a name: passkeys belong to one, and none to an address.
        settings = _settings(folder, f"http://localhost:{port}", sandbox.url)
        prepared = _prepare(settings)
        with (
            Process(_granian(port), folder / "web.log", **settings) as web,
            Process(_celery(), folder / "worker.log", **settings) as worker,
        ):
            url = settings["BASE_URL"]
            wait_until(lambda: _answers(url), web, worker, seconds=SECONDS_TO_START)
            yield BackOffice(url, prepared["places"], prepared["scene"])


def _settings(folder: Path, url: str, sandbox_url: str) -> dict[str, str]:
    hosts = dict.fromkeys(
        (f"AMAZON_{host}_URL" for host in ("PAYMENTS", "CHECKOUT", "FEEDBACK", "CATALOG")), sandbox_url
    )
    return hosts | {
        "DJANGO_SETTINGS_MODULE": "jwo_backoffice.settings_browser",
        "BASE_URL": url,
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "CELERY_BROKER_URL": "filesystem://",
        "DEMO": "on",
        "EMAIL_URL": f"filemail:///{folder}/mail",
        "MFA_REQUIRED_FOR_MONEY": "on",
        "RECONCILE_BOOKS_URL": f"{sandbox_url}/books",
        "VAR_DIR": str(folder),
    }


def _prepare(settings: dict[str, str]) -> dict[str, Any]:
    """The demo's data are for developers' machines alone, so they are made with DEBUG on; the server runs without."""
    environment = os.environ | settings
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    prepare = [sys.executable, "-m", "tests.browser.prepare"]
    with subprocess.Popen(collect, cwd=PROJECT, env=environment) as collecting:
        made = subprocess.run(
            prepare, cwd=PROJECT, env=environment | {"DEBUG": "on"}, stdout=subprocess.PIPE, check=True
        )
    assert collecting.returncode == 0
    prepared: dict[str, Any] = json.loads(made.stdout)
    return prepared


def _granian(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "rsgi", "jwo_backoffice.rsgi:application"),
        *("--host", HERE, "--port", str(port), "--workers", "1", "--no-ws", "--no-access-log"),
    ]


def _celery() -> list[str]:
    worker = ("worker", "-B", "--pool", "threads", "--concurrency", "2", "--loglevel", "WARNING")
    return [sys.executable, "-m", "celery", "-A", "jwo_backoffice", *worker]


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz", timeout=2).status_code == 200
    except requests.RequestException:
        return False
