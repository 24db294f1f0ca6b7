"""Whose credentials sign: those of the AWS chain, or of a role that they assume. Against a stand-in for AWS's STS."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import pytest

from amazon.models import OutboundCall
from amazon.outbound.errors import NotSent
from amazon.outbound.transport import Address, Failure, send
from amazon.tests.scripted_server import Reply, ScriptedServer, http, raw, silence
from amazon.tests.signatures import claim_of, expected_signature

HOUR = 3600


@pytest.fixture
def servers(settings: Any) -> Iterator[Callable[[Reply], ScriptedServer]]:
    settings.AMAZON_CONNECT_TIMEOUT = settings.AMAZON_READ_TIMEOUT = 0.5
    started = []

    def start(reply: Reply) -> ScriptedServer:
        started.append(ScriptedServer(reply))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def amazon(servers: Callable[[Reply], ScriptedServer]) -> ScriptedServer:
    return servers(http("200 OK", b"{}"))


@pytest.fixture
def role(settings: Any) -> str:
    """Assumed by nobody before: credentials are kept for as long as a process lives."""
    settings.AWS_ASSUME_ROLE_ARN = f"arn:aws:iam::123456789012:role/{uuid4()}"
    return str(settings.AWS_ASSUME_ROLE_ARN)


@pytest.fixture
def sts(servers: Callable[[Reply], ScriptedServer], role: str, monkeypatch: pytest.MonkeyPatch) -> ScriptedServer:
    server = servers(grants("first", HOUR))
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
    return server


def grants(name: str, seconds: float) -> Reply:
    """Credentials called after `name` that end after so many seconds. Amazon: AWS STS, AssumeRole."""
    end = datetime.now(UTC) + timedelta(seconds=seconds)
    body = f"""
        <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
          <AccessKeyId>{name}-key</AccessKeyId><SecretAccessKey>{name}-secret</SecretAccessKey>
          <SessionToken>{name}-token</SessionToken><Expiration>{end:%Y-%m-%dT%H:%M:%SZ}</Expiration>
        </Credentials></AssumeRoleResult></AssumeRoleResponse>"""
    return http("200 OK", body.encode(), Content_Type="text/xml")


def denies(role: str) -> Reply:
    body = f"""
        <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>
          <Type>Sender</Type><Code>AccessDenied</Code>
          <Message>User: arn:aws:iam::1:user/shop is not authorized to perform: sts:AssumeRole on {role}</Message>
        </Error></ErrorResponse>"""
    return http("403 Forbidden", body.encode(), Content_Type="text/xml")


def call(amazon: ScriptedServer, region: str = "eu-west-1") -> OutboundCall:
    return send(Address(amazon.url, region, "S1", "T1"), "cancel", "/v1/cancel/charge", {"storeId": "S1"})[1]


def failure(amazon: ScriptedServer) -> Failure:
    with pytest.raises(Failure) as failed:
        call(amazon)
    return failed.value


def signed_with(amazon: ScriptedServer, name: str) -> bool:
    """Whether the last call is signed, and rightly so, by the credentials that were granted under this name."""
    received = amazon.received[-1]
    claim = claim_of(received)
    assert claim["signature"] == expected_signature(amazon.url, received, f"{name}-secret")
    assert "x-amz-security-token" in claim["headers"].split(";")
    return (claim["key"], received.headers["x-amz-security-token"]) == (f"{name}-key", f"{name}-token")


def test_without_a_role_the_chains_own_credentials_sign(amazon: ScriptedServer) -> None:
    call(amazon)

    [received] = amazon.received
    assert claim_of(received)["key"] == "test-access-key"
    assert "x-amz-security-token" not in received.headers


def test_a_role_is_assumed_with_the_chains_credentials_and_signs(
    amazon: ScriptedServer, sts: ScriptedServer, role: str
) -> None:
    call(amazon)

    assert signed_with(amazon, "first")
    [asked] = sts.received
    form = parse_qs(asked.body.decode())
    assert (form["Action"], form["RoleArn"]) == (["AssumeRole"], [role])
    assert form["RoleSessionName"] == ["jwo-backoffice"]
    assert "Credential=test-access-key/" in asked.headers["authorization"]


def test_a_roles_credentials_serve_many_calls_in_every_region(amazon: ScriptedServer, sts: ScriptedServer) -> None:
    for region in ("eu-west-1", "us-east-1", "eu-west-1"):
        call(amazon, region)
        assert signed_with(amazon, "first")
        assert claim_of(amazon.received[-1])["region"] == region

    assert len(sts.received) == 1


def test_credentials_about_to_end_are_renewed_and_the_new_ones_sign(
    amazon: ScriptedServer, sts: ScriptedServer
) -> None:
    sts.reply = grants("first", 5)
    call(amazon)
    assert signed_with(amazon, "first")

    sts.reply = grants("second", HOUR)
    call(amazon)
    assert signed_with(amazon, "second")

    call(amazon)
    assert signed_with(amazon, "second")
    assert len(sts.received) == 2


def test_a_role_that_may_not_be_assumed_sends_nothing(amazon: ScriptedServer, sts: ScriptedServer, role: str) -> None:
    sts.reply = denies(role)

    failed = failure(amazon)

    assert type(failed.error) is NotSent
    assert str(failed.error).startswith(f"The role {role} could not be assumed: ")
    assert "AccessDenied" in str(failed.error)
    assert failed.call.error == str(failed.error)
    assert amazon.received == []
    assert len(sts.received) == 1, "the next try is the work row's"


def test_it_is_asked_for_again_with_the_next_call(amazon: ScriptedServer, sts: ScriptedServer, role: str) -> None:
    sts.reply = denies(role)
    failure(amazon)

    sts.reply = grants("second", HOUR)
    call(amazon)

    assert signed_with(amazon, "second")


@pytest.mark.parametrize(
    "reply",
    [silence(1), raw(b""), http("500 Error"), http("200 OK", b"<html>"), http("200 OK"), grants("late", -60)],
    ids=["silence", "cut", "500", "html", "empty", "expired"],
)
def test_an_sts_that_does_not_help_sends_nothing(
    amazon: ScriptedServer, sts: ScriptedServer, role: str, reply: Reply
) -> None:
    sts.reply = reply

    failed = failure(amazon)

    assert type(failed.error) is NotSent
    assert str(failed.error).startswith(f"The role {role} could not be assumed: ")
    assert amazon.received == []


def test_without_any_credentials_nothing_is_sent(
    amazon: ScriptedServer, sts: ScriptedServer, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)

    failed = failure(amazon)

    assert type(failed.error) is NotSent
    assert "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in str(failed.error)
    assert amazon.received == sts.received == []


def test_an_sts_where_nobody_listens_sends_nothing(
    amazon: ScriptedServer, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")

    assert type(failure(amazon).error) is NotSent
    assert amazon.received == []
