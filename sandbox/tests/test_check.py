"""`python -m sandbox.check` against sandboxes that are right, and wrong in ways that it has to find."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.check.command import main
from sandbox.testing import PROJECT, SandboxProcess
from sandbox.tests.scripted_connector import ScriptedConnector, served
from sandbox.tests.signed_calls import staged_trip

Run = Callable[..., tuple[int, dict[str, Any]]]
DOCUMENTED = {
    "adjust": 14,
    "cancel": 15,
    "capture": 19,
    "refund": 14,
    "transactional-data": 12,
    "shopper-identity": 18,
    "checkout": 8,
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess() as process:
        yield process


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The exit code and what was told."""

    def run(url: str, *arguments: str) -> tuple[int, dict[str, Any]]:
        monkeypatch.setattr(sys, "argv", ["check", "--url", url, "--json", *arguments])
        code = main()
        return code, json.loads(capsys.readouterr().out)

    return run


def failures(told: dict[str, Any]) -> dict[str, str]:
    """What is said of each case that failed."""
    failed = (case for case in told["cases"] if case["outcome"] == "FAIL")
    return {f"{case['section']} {case['number']}": f"{case['got']} {case['detail']}" for case in failed}


def test_a_new_sandbox_passes_every_documented_case() -> None:
    command = [sys.executable, "-m", "sandbox.check", "--json"]

    ended = subprocess.run(command, cwd=PROJECT, env={}, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
    told = json.loads(ended.stdout)
    assert failures(told) == {}
    numbers = defaultdict(list)
    for case in told["cases"]:
        numbers[case["section"]].append(case["number"])
    for section, count in DOCUMENTED.items():
        assert {str(number) for number in range(1, count + 1)} <= set(numbers[section])
    # A documented case that is played in several parts has a letter for each.
    feedback = {number.partition("-")[0] for number in numbers["feedback"]}
    assert {f"TC{number:03}" for number in range(1, 15)} <= feedback
    assert numbers.keys() > DOCUMENTED.keys() | {"catalog-upload", "catalog-status", "test-host"}
    assert all(len(found) == len(set(found)) for found in numbers.values())


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"kind": "status", "status": 503}, "503"),
        ({"kind": "lose_answer"}, "connection broke"),
        ({"kind": "lose_request"}, "connection broke"),
        ({"kind": "garbage"}, "the body is not empty"),
    ],
)
def test_an_answer_that_is_wrong_once_fails_its_case_and_no_other(
    run: Run, sandbox: SandboxProcess, fault: dict[str, Any], said: str
) -> None:
    sandbox.fault(**fault, operation="cancel")

    code, told = run(sandbox.url, "--only", "cancel")

    assert code == 1
    assert list(failures(told)) == ["cancel 1"]
    assert said in failures(told)["cancel 1"]


def test_a_step_that_fails_fails_the_case_that_needs_it(run: Run, sandbox: SandboxProcess) -> None:
    sandbox.fault("status", status=500, operation="adjust")

    code, told = run(sandbox.url, "--only", "capture")

    assert code == 1
    assert list(failures(told)) == ["capture 1"]
    assert "/v1/adjust/charge, which comes before, failed: 500" in failures(told)["capture 1"]


def test_a_late_answer_is_no_answer(run: Run, sandbox: SandboxProcess) -> None:
    sandbox.fault("delay_after", seconds=4, operation="catalog-status")

    _, told = run(sandbox.url, "--only", "catalog-status", "--timeout", "1")

    assert {number: said.split(" {")[0] for number, said in failures(told).items()} == {
        "catalog-status 1": "timed out, 2×200"
    }


def test_a_sandbox_that_adopts_is_found_out(run: Run) -> None:
    with SandboxProcess(adopt=True) as sandbox:
        code, told = run(sandbox.url, "--only", "transactional-data")

    assert code == 1
    assert list(failures(told)) == ["transactional-data 0-p"]


def test_either_answer_to_a_second_capture_will_do(run: Run) -> None:
    with SandboxProcess(repeated_capture="refuse") as sandbox:
        assert run(sandbox.url, "--only", "capture")[0] == 0


def test_keys_that_the_sandbox_does_not_know(run: Run) -> None:
    with SandboxProcess(secret_key="another") as sandbox:
        wrong, told = run(sandbox.url, "--only", "shopper-identity")
        right, _ = run(sandbox.url, "--only", "shopper-identity", "--secret-key", "another")

    assert (wrong, right) == (1, 0)
    assert "403" in failures(told)["shopper-identity 1"]


def test_a_test_host_remembers_for_two_minutes_and_no_other_does(run: Run, sandbox: SandboxProcess) -> None:
    with SandboxProcess(test_host=True) as test_host:
        assert run(test_host.url, "--test-host")[0] == 0

    code, told = run(sandbox.url, "--test-host")

    assert code == 1
    assert list(failures(told)) == ["test-host 12-c"]


def test_the_sandbox_is_left_in_order(run: Run, sandbox: SandboxProcess) -> None:
    sandbox.move_clock(3600)

    run(sandbox.url, "--only", "adjust")

    assert sandbox.clear_limits() == {"limits": []}
    # Added and listed: there is no other.
    assert len(sandbox.fault("status")["faults"]) == 1
    sandbox.clear_faults()
    sandbox.stage([staged_trip("staged-after-the-check")])
    started_at = datetime.fromisoformat(sandbox.trip("staged-after-the-check")["started_at"])
    assert abs(datetime.now(UTC) - started_at) < timedelta(minutes=1)


def test_it_prints_a_table(sandbox: SandboxProcess, monkeypatch: Any, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["check", "--url", sandbox.url, "--only", "test-host,cancel"])

    assert main() == 0

    printed = capsys.readouterr().out
    assert "Cancel Charge  POST /v1/cancel/charge" in printed
    row = next(line for line in printed.splitlines() if "shoppingTripId missing" in line)
    assert row.split()[0] == "5"
    assert row.endswith("PASS")
    assert " 0 failed" in printed


def test_an_address_without_a_sandbox_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(ScriptedConnector({})) as other:
        monkeypatch.setattr(sys, "argv", ["check", "--url", other.url])
        assert main() == 2
        assert f"No sandbox is at {other.url}" in capsys.readouterr().err

    assert main() == 2
    assert f"No sandbox answers at {other.url}" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("--url", "127.0.0.1:9000"), ("--only", "adjust,till")])
def test_a_request_that_makes_no_sense(arguments: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["check", *arguments])

    with pytest.raises(SystemExit, match="2"):
        main()
