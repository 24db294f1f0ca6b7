"""The sandbox as a process: how it starts, what it says, how it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

from sandbox.control_client import SandboxUnreachableError
from sandbox.testing import PROJECT, SandboxProcess
from sandbox.tests.signed_calls import Caller, staged_trip


def spawn(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sandbox", "--port", "0", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_a_process_for_other_tests(tmp_path: Path) -> None:
    began = monotonic()
    with SandboxProcess(adopt=True, seed=5, books=tmp_path / "books.sqlite3") as sandbox:
        assert monotonic() - began < 2

        caller = Caller(sandbox.url)
        assert sandbox.stage([staged_trip("t1")]) == {"staged": 1, "known": 0}
        sandbox.fault("status", operation="adjust", status=500)
        assert [caller.adjust("t2", 5).status for _ in range(2)] == [500, 200]
        assert [trip["trip_id"] for trip in sandbox.books()] == ["t1", "t2"]
        sandbox.move_clock(47 * 3600)
        assert caller.adjust("t2", 5).content == {"errorMsg": "ShoppingTripExpiredException"}
        assert sandbox.trip("t2")["authorized"] == "5.00"
        assert sandbox.clear_faults() == {"faults": []}
        with pytest.raises(ValueError, match="kind"):
            sandbox.fault("fire")

    with pytest.raises(SandboxUnreachableError):
        sandbox.books()


def test_its_other_doors_and_hosts() -> None:
    with SandboxProcess(test_host=True) as sandbox:
        caller = Caller(sandbox.url)
        sandbox.stage([staged_trip("t1")])
        sandbox.move_clock(180)
        assert caller.adjust("t1", 5).content == {"errorMsg": "UnknownShoppingTrip"}
        assert sandbox.register_shopper("s1", "shopper@example.com") == {"registered": 1}
        assert sandbox.limit(0.01, "adjust") == {"limits": [{"operation": "adjust", "per_second": 0.01}]}
        assert [caller.adjust("t1", 5).status for _ in range(2)] == [400, 429]
        assert sandbox.clear_limits() == {"limits": []}


def test_a_rate_limit_from_the_command_line() -> None:
    process = spawn("--rate-limit", "0.01", "--access-key", "demo-access-key", "--secret-key", "demo-secret-key")
    assert process.stdout is not None
    caller = Caller(process.stdout.readline().partition("listens on ")[2].partition(" ")[0])

    statuses = [caller.data("valid-shopping-trip-uuid").status for _ in range(2)]

    process.terminate()
    process.communicate(timeout=5)
    assert statuses == [200, 429]


def test_a_rate_limit_that_makes_no_sense_is_told_in_a_sentence() -> None:
    process = spawn("--rate-limit", "0")
    _, complaint = process.communicate(timeout=5)

    assert process.returncode == 2
    assert "per_second is 0.001 to 100000" in complaint


def test_the_books_survive_a_kill(tmp_path: Path) -> None:
    books = tmp_path / "books.sqlite3"
    with SandboxProcess(books=books) as sandbox:
        sandbox.stage([staged_trip("t1", captured="5.00")])
        assert sandbox._process is not None
        sandbox._process.kill()

    with SandboxProcess(books=books) as sandbox:
        assert sandbox.trip("t1")["captured"] == "5.00"


def test_a_taken_port_is_told_in_a_sentence() -> None:
    with SandboxProcess() as sandbox:
        port = sandbox.url.rpartition(":")[2]
        second = spawn("--port", port)
        _, complaint = second.communicate(timeout=5)

    assert second.returncode == 1
    assert complaint == (f"Port {port} is taken: is another sandbox running? Stop it, or choose another with --port.\n")


def test_books_that_cannot_be_kept_are_told_in_a_sentence() -> None:
    with pytest.raises(RuntimeError, match="Cannot keep books in /no/such/folder/books"):
        SandboxProcess(books="/no/such/folder/books").start()
    with pytest.raises(RuntimeError, match="did not start"):
        SandboxProcess(repeated_capture="twice").start()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_quietly(ending: signal.Signals) -> None:
    process = spawn("--seed", "42")
    assert process.stdout is not None
    assert "(seed 42)" in process.stdout.readline()

    os.kill(process.pid, ending)
    output, complaint = process.communicate(timeout=5)

    assert (process.returncode, output, complaint) == (0, "Sandbox stopped.\n", "")


def test_it_does_not_outlive_the_test_that_started_it() -> None:
    process = spawn("--until-stdin-closes")
    assert process.stdout is not None
    process.stdout.readline()

    process.communicate(timeout=5)

    assert process.returncode == 0
