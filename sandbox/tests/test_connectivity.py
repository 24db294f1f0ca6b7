"""`manage.py connectivity_test` against connectors that are right, and wrong in each way that can be met."""

import json
import socket
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from sandbox.connectivity.runner import ALL
from sandbox.signature import Call, verify
from sandbox.testing import PROJECT
from sandbox.tests.scripted_connector import Answered, Asked, Script, ScriptedConnector, served

SCAN = "/v1/identity/scan"
DETAILS = "/v1/identity/scan/details"
IDENTITY = "/v1/identity/identity-keys"
PURCHASES = "/v1/order/purchases"
AUTHORIZATION = "/v1/fraudandabuse/shopperauthorization"
KEY = "demo-connector-key"


def plain(text: str) -> str:
    try:
        return b64decode(text, validate=True).decode()
    except ValueError:
        return text


def loyalty(asked: Asked) -> Answered:
    """As Amazon wants it."""
    if asked.headers["x-api-key"] != KEY:
        return Answered(403, {"message": "Forbidden"})
    content = asked.content or {}
    event = content.get("scanEvent")
    if not {"requestId", "storeId"} <= content.keys() or not isinstance(event, dict):
        return Answered(400, {"errorMsg": "something is missing"})
    is_known = "LOY-DEMO-2" in {plain(event[name].strip()) for name in ("id", "value")}
    decision = ("LOY-DEMO-2", "LOYALTY", "ACCEPT") if is_known else ("unknown", "SHOPPER", "REJECT")
    return Answered(200, dict(zip(("id", "type", "action"), decision, strict=True)))


def always(status: int, content: Any = None, **headers: str) -> Script:
    return lambda _asked: Answered(status, content, {name.replace("_", "-"): value for name, value in headers.items()})


def when_unknown(answered: Answered) -> Script:
    """Right, but for codes that nobody has."""

    def script(asked: Asked) -> Answered:
        right = loyalty(asked)
        return answered if isinstance(right.content, dict) and right.content.get("action") == "REJECT" else right

    return script


@pytest.fixture
def connector() -> Iterator[ScriptedConnector]:
    with served(ScriptedConnector({SCAN: loyalty})) as server:
        yield server


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(connector: ScriptedConnector) -> Run:
    """The exit code and what was printed."""

    def run(*arguments: str) -> tuple[int, str]:
        output = StringIO()
        try:
            call_command("connectivity_test", "--base-url", connector.url, *arguments, stdout=output)
        except SystemExit as end:
            return int(str(end.code)), output.getvalue()
        return 0, output.getvalue()

    return run


def outcomes(text: str) -> dict[str, str]:
    return {case["number"]: case["outcome"] for case in json.loads(text)["cases"]}


def test_a_connector_that_does_as_amazon_wants_passes(run: Run) -> None:
    code, text = run("--only", "loyalty")

    assert code == 0
    assert "ResolveScan  POST /v1/identity/scan" in text
    assert "FAIL" not in text
    assert "15 passed, 0 failed, 1 skipped" in text
    assert "not testable from outside" in text


def test_every_case_is_printed_with_what_was_expected_and_what_came(run: Run, connector: ScriptedConnector) -> None:
    connector.scripts[SCAN] = when_unknown(Answered(401, {"errorMsg": "internal error"}))

    code, text = run("--only", "loyalty")

    assert code == 1
    row = next(line for line in text.splitlines() if "loyalty connectivity: unknown token" in line)
    assert row.split()[0] == "faq-2"
    assert row.split()[-4:-2] == ["200", "401"]
    assert row.endswith("FAIL")


@pytest.mark.parametrize(
    ("script", "cure"),
    [
        (when_unknown(Answered(401, {"errorMsg": "internal error"})), "never 401"),
        (always(400, {"errorMsg": "invalid store ID"}), "external id under store details"),
        (always(400, {"message": "Invalid request body"}), "keep gateway models open"),
        (always(403, {"Message": "no resource-based policy allows"}), "resource policy allows execute-api:Invoke"),
        (always(404, b"No method found matching route"), "ends before /v1"),
        (always(404, {"errorMsg": "no such member"}), "Name what it has"),
        (always(405, b""), "Add a POST method"),
        (always(413, b""), "Refuse only missing or malformed"),
        (always(415, b""), "accepts application/json"),
        (always(418, b""), "Compare with Amazon's page"),
        (always(429, b"", Retry_After="1"), "Wait a minute"),
        (always(500, {"message": "Internal Server Error"}), "Invalid permissions on Lambda function"),
        (always(507, b""), "Look into the connector's log"),
        (always(503, b""), "API Gateway waits 29 seconds"),
        (always(301, b"", Location="https://example.com/"), "final address"),
        (always(200, b"<html>Please log in</html>"), "log-in page"),
    ],
)
def test_a_failure_comes_with_its_cure(run: Run, connector: ScriptedConnector, script: Script, cure: str) -> None:
    connector.scripts[SCAN] = script

    code, text = run("--only", "loyalty")

    assert code == 1
    assert "FAIL" in text
    assert cure in " ".join(text.split())


def test_a_connector_that_asks_for_no_key_is_found_out(run: Run, connector: ScriptedConnector) -> None:
    connector.scripts[SCAN] = always(200, {"id": "1", "type": "SHOPPER", "action": "REJECT"})

    code, text = run("--only", "loyalty", "--json")

    assert code == 1
    cases = {case["number"]: case for case in json.loads(text)["cases"]}
    assert "Anybody who knows the address" in cases["0-b"]["cause"]
    assert cases["1.1"]["detail"] == "action is REJECT, not ACCEPT: is --loyalty-code one that it knows?"
    assert cases["faq-2"]["outcome"] == "PASS"


def test_a_slow_connector_times_out_and_the_rest_is_not_waited_for(run: Run, connector: ScriptedConnector) -> None:
    def slow(asked: Asked) -> Answered:
        time.sleep(0.3)
        return loyalty(asked)

    connector.scripts[SCAN] = slow

    code, text = run("--only", "loyalty", "--timeout", "0.1")

    assert code == 1
    assert text.count("timed out") == 3
    assert "not sent, since nobody answers" in text
    assert "Answer first and work afterwards" in text


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_nobody_listens(run: Run) -> None:
    code, text = run("--base-url", f"http://127.0.0.1:{closed_port()}", "--only", "loyalty")

    assert code == 1
    assert "Nothing listens at this address" in text


def test_tls_where_nobody_speaks_it(run: Run, connector: ScriptedConnector) -> None:
    code, text = run("--base-url", connector.url.replace("http:", "https:"), "--only", "loyalty")

    assert code == 1
    assert "The TLS connection failed" in text


def test_a_host_that_nobody_knows(run: Run) -> None:
    code, text = run("--base-url", "http://no-such-host.invalid", "--only", "loyalty")

    assert code == 1
    assert "host's name is unknown" in text


def test_a_connection_that_is_cut(run: Run, connector: ScriptedConnector) -> None:
    connector.scripts[SCAN] = always(0)

    code, text = run("--only", "loyalty")

    assert code == 1
    assert "connection was cut" in text


def test_what_is_not_known_is_skipped_with_the_option_that_tells_it(run: Run) -> None:
    code, text = run(
        *("--only", "identity,authorization", "--json"),
        *("--shopper-code", "", "--debtor-shopper-id", "", "--unconfigured-store", ""),
    )

    cases = json.loads(text)["cases"]
    skipped = {f"{case['section']} {case['number']}": case["detail"] for case in cases if case["outcome"] == "SKIP"}
    assert code == 1
    assert skipped["identity 1.1"] == "needs --shopper-code"
    assert skipped["identity 4"].endswith("--rate-limit")
    assert skipped["authorization 7a.11"] == "needs --debtor-shopper-id"
    assert skipped["authorization 7a.16"].startswith("not testable from outside")


def test_details_are_asked_for_the_id_that_the_scan_was_resolved_to(run: Run, connector: ScriptedConnector) -> None:
    connector.scripts[DETAILS] = always(200, {"provider": "Demo Rewards", "promotionIds": []})

    run("--only", "details")

    assert connector.asked_at(DETAILS)[0]["scanResult"]["id"] == "LOY-DEMO-2"

    connector.scripts[SCAN] = always(500, b"")
    code, text = run("--only", "details")

    assert code == 1
    assert "--loyalty-code LOY-DEMO-2 was not accepted" in text


def test_two_purchases_for_one_trip_are_found_out(run: Run, connector: ScriptedConnector) -> None:
    purchases = iter(range(1000))

    def one_more(_asked: Asked) -> Answered:
        return Answered(201, {"purchaseId": f"P{next(purchases)}"})

    connector.scripts[PURCHASES] = one_more

    _, text = run("--only", "ordering", "--json")

    assert {number: outcome for number, outcome in outcomes(text).items() if number.startswith("2-")} == {
        "2-a": "FAIL",
        "2-b": "FAIL",
        "2-c": "FAIL",
        "2-d": "FAIL",
    }
    assert outcomes(text)["1.1"] == "PASS"
    assert outcomes(text)["3.1"] == "FAIL"
    assert "answer 400 with errorMsg" in text


def test_a_decision_that_lets_everybody_in_is_found_out(run: Run, connector: ScriptedConnector) -> None:
    connector.scripts[AUTHORIZATION] = always(200, {"shopperAuthorized": True})

    _, text = run("--only", "authorization", "--json")

    found = outcomes(text)
    assert [found[f"7a.{number}"] for number in (1, 2, 3, 4, 9)] == ["PASS", "FAIL", "FAIL", "FAIL", "FAIL"]


def test_a_limit_is_looked_for_only_when_it_is_known(run: Run, connector: ScriptedConnector) -> None:
    connector.scripts[IDENTITY] = always(200, {"visitorDetails": {"id": "M1", "type": "SHOPPER"}})
    _, text = run("--only", "identity", "--rate-limit", "3", "--json")
    assert outcomes(text)["4"] == "FAIL"
    assert "none of 7 calls" in text

    connector.scripts[IDENTITY] = always(429, {"errorMsg": "too many"}, Retry_After="7")
    _, text = run("--only", "identity", "--rate-limit", "3", "--json")
    assert outcomes(text)["4"] == "PASS"


def test_each_run_is_made_of_new_ids(run: Run, connector: ScriptedConnector) -> None:
    connector.scripts[PURCHASES] = always(201, {"purchaseId": "P1"})
    run("--only", "ordering")
    first = {
        content["idempotentShoppingTripId"]
        for content in connector.asked_at(PURCHASES)
        if content and "idempotentShoppingTripId" in content
    }
    connector.asked.clear()

    run("--only", "ordering")

    second = {content.get("idempotentShoppingTripId") for content in connector.asked_at(PURCHASES) if content}
    assert len(first) > 50
    assert not first & second


def test_the_key_and_further_headers_are_sent_and_not_shown(run: Run, connector: ScriptedConnector) -> None:
    code, text = run("--only", "loyalty", "--key", "secret-1", "--header", "X-Stage: secret-2")

    assert code == 1
    assert {asked.headers["x-api-key"] for asked in connector.asked} == {"secret-1", None}
    assert {asked.headers["X-Stage"] for asked in connector.asked} == {"secret-2", None}
    assert "secret" not in text


def test_calls_are_signed_for_a_gateway_with_iam(
    run: Run, connector: ScriptedConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "gateway-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "gateway-secret")

    run("--only", "loyalty", "--sigv4-region", "eu-west-1")

    signed = [asked for asked in connector.asked if asked.headers["Authorization"]]
    assert len(signed) == len(connector.asked) - 1  # the one that must be refused
    for asked in signed:
        verify(Call("POST", asked.path, asked.headers, asked.body), {"gateway-key": "gateway-secret"})
        assert "/eu-west-1/execute-api/" in str(asked.headers["Authorization"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("--base-url", "127.0.0.1:8000"),
        ("--only", "identity,exit"),
        ("--header", "no colon"),
    ],
)
def test_a_request_that_makes_no_sense(run: Run, arguments: tuple[str, str]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


def test_it_runs_without_a_django_project(connector: ScriptedConnector) -> None:
    command = [sys.executable, "-m", "sandbox.connectivity", "--base-url", connector.url, "--only", "loyalty"]

    ended = subprocess.run(command, cwd=PROJECT, env={}, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "0 failed" in ended.stdout


def test_every_numbered_case_of_amazons_pages_is_there() -> None:
    numbers = {section.name: [case.number for case in section.cases] for section in ALL}

    assert {f"3.{number}" for number in range(1, 18)} | {"1.1", "1.2", "4", "5", "8", "9"} <= set(numbers["identity"])
    assert {"1.1", "faq-2"} <= set(numbers["loyalty"])
    assert {f"7a.{number}" for number in range(1, 17)} <= set(numbers["authorization"])
    ordering = {f"1.{number}" for number in range(1, 16)} | {f"3.{number}" for number in range(1, 36)}
    assert ordering <= set(numbers["ordering"])
    assert all(len(found) == len(set(found)) for found in numbers.values())
