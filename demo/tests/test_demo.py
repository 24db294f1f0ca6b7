"""`make demo` as its user has it: one command, no question, everything up; Ctrl-C, everything gone."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Timer
from uuid import uuid4

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90
IS_UP = "Log in as associate, manager or admin"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Demo:
    """The command, with ports and a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.port, self.sandbox_port = free_port(), free_port()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "ENV_FILE": "demo.env",
            "VAR_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            "DEMO_TRIPS": "60",
        }
        self.said = ""

    def run(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start(self) -> None:
        self.run()
        assert self.process.stdout
        watchdog = Timer(PATIENCE, self.process.kill)
        watchdog.start()
        for line in self.process.stdout:
            self.said += line
            if IS_UP in line:
                watchdog.cancel()
                return
        watchdog.cancel()
        self.process.communicate()
        raise AssertionError(self.said)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=PATIENCE)
        return self.process.returncode

    def get(self, path: str, key: str = "demo-read-key") -> requests.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return requests.get(f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=10)

    def send_faq_cart(self, name: str) -> str:
        cart = json.loads((ROOT / "docs" / "carts" / f"{name}.json").read_text())
        cart["idempotentShoppingTripId"] = trip_id = str(uuid4())
        headers = {"x-api-key": "demo-connector-key"}
        url = f"http://127.0.0.1:{self.port}/v1/order/purchases"
        answer = requests.post(url, json=cart, headers=headers, timeout=10)
        assert answer.status_code == 201, answer.text
        return trip_id

    def state_of(self, trip_id: str) -> str:
        return str(self.get(f"/api/v1/trips/{trip_id}/").json()["state"])


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    yield demo
    if demo.process.poll() is None:
        demo.stop()


def test_the_faqs_carts_are_paid_within_seconds_and_nothing_is_left_running(demo: Demo) -> None:
    demo.start()
    assert f"http://127.0.0.1:{demo.port}/admin/" in demo.said
    assert "demo-password" in demo.said

    trips = [demo.send_faq_cart(name) for name in ("app_entry", "card_entry", "card_entry_with_loyalty")]
    until = time.monotonic() + PATIENCE
    while {demo.state_of(trip) for trip in trips} != {"paid"}:
        assert time.monotonic() < until, [demo.get(f"/api/v1/trips/{trip}/").json() for trip in trips]
        time.sleep(0.2)
    assert demo.get("/healthz").status_code == demo.get("/readyz").status_code == 200

    assert demo.stop() == 0
    for port in (demo.port, demo.sandbox_port):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0

    demo.start()
    assert "stands already" in demo.said
    assert demo.state_of(trips[0]) == "paid"
    assert demo.stop() == 0


@pytest.mark.parametrize(("store", "code"), [("DEMO-OLD", 0), ("SHOP-1", 1)])
def test_it_begins_anew_on_tables_of_another_version_unless_somebody_works_with_them(
    demo: Demo, tmp_path: Path, store: str, code: int
) -> None:
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as database:
        database.execute("CREATE TABLE stores_store (external_id text)")
        database.execute("INSERT INTO stores_store VALUES (?)", [store])
        database.commit()

    demo.run("--reset")
    said, _ = demo.process.communicate(timeout=PATIENCE)

    assert demo.process.returncode == code, said
    assert ("The demo is as new." in said) == (code == 0)
    assert ("none of the demo's" in said) == (code == 1)


def test_a_port_that_is_taken_is_named_with_the_cure(demo: Demo) -> None:
    with socket.create_server(("127.0.0.1", demo.port)), pytest.raises(AssertionError) as failed:
        demo.start()

    assert f"Port {demo.port} is in use" in str(failed.value)
    assert f"PORT={demo.port + 1}" in str(failed.value)
