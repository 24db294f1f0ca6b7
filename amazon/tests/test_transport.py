"""How a call to Amazon leaves, and what each way to fail means for the caller. Against a real server on loopback."""

import hashlib
import json
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import pytest

from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown, Refused, TripExpired, UnknownTrip
from amazon.outbound.transport import LONGEST_RETRY_AFTER, Address, Failure, send, unreadable
from amazon.tests.scripted_server import Reply, ScriptedServer, http, raw, silence
from amazon.tests.signatures import claim_of, expected_signature

PATH = "/v1/payment/capture"
PAYLOAD = {"storeId": "S1", "amount": {"amount": Decimal("4.20"), "code": "USD"}, "note": "größer – 🛒"}


@pytest.fixture
def amazon(settings: Any) -> Iterator[Callable[[Reply], ScriptedServer]]:
    """Start Amazon with the answer that it gives to each call."""
    settings.AMAZON_CONNECT_TIMEOUT = settings.AMAZON_READ_TIMEOUT = 0.5
    servers = []

    def start(reply: Reply) -> ScriptedServer:
        server = ScriptedServer(reply)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()


def address(url: str, region: str = "us-east-1") -> Address:
    return Address(base_url=url, region=region, store_external_id="S1", amazon_trip_id="T1")


def failure(url: str) -> Failure:
    with pytest.raises(Failure) as failed:
        send(address(url), "capture_charge", PATH, PAYLOAD)
    return failed.value


# --- What is sent ---


def test_call_is_a_signed_post_of_exact_json(amazon: Callable[[Reply], ScriptedServer]) -> None:
    server = amazon(http("200 OK", b'{"status": "OK"}', x_amzn_RequestId="request-7"))

    body, call = send(address(server.url), "capture_charge", PATH, PAYLOAD)

    [received] = server.received
    assert (received.method, received.target) == ("POST", PATH)
    assert received.headers["content-type"] == "application/json"
    assert b'"amount":4.20' in received.body
    assert json.loads(received.body)["note"] == PAYLOAD["note"]
    assert body == b'{"status": "OK"}'
    assert (call.status, call.answer, call.error, call.amazon_request_id) == (200, '{"status": "OK"}', "", "request-7")
    assert (call.operation, call.url, call.request) == ("capture_charge", server.url + PATH, received.body.decode())
    assert (call.store_external_id, call.amazon_trip_id) == ("S1", "T1")
    assert call.pk is None, "the caller saves it with what the answer changes"


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-1"])
def test_signature_is_the_one_that_botocore_computes(region: str, amazon: Callable[[Reply], ScriptedServer]) -> None:
    server = amazon(http("200 OK", b"{}"))

    send(address(server.url, region), "capture_charge", PATH, PAYLOAD)

    [received] = server.received
    claim = claim_of(received)
    assert (claim["key"], claim["region"]) == ("test-access-key", region)
    assert claim["day"] == received.headers["x-amz-date"][:8]
    assert {"host", "x-amz-date"} <= set(claim["headers"].split(";"))
    assert received.headers["x-amz-content-sha256"] == hashlib.sha256(received.body).hexdigest()
    assert claim["signature"] == expected_signature(server.url, received, "test-secret-key")


# --- How it fails ---


def test_call_to_nobody_was_not_sent(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    failed = failure(f"http://127.0.0.1:{port}")

    assert type(failed.error) is NotSent
    assert (failed.call.status, failed.call.answer) == (None, "")
    assert failed.call.error == str(failed.error)


def test_call_to_a_host_that_no_name_server_knows_was_not_sent() -> None:
    assert type(failure("http://payments.invalid").error) is NotSent


def test_server_that_lets_nobody_in_was_sent_nothing(settings: Any) -> None:
    settings.AMAZON_CONNECT_TIMEOUT = 0.2
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        crowd = []
        for _ in range(8):
            visitor = socket.socket()
            visitor.setblocking(False)
            visitor.connect_ex(listener.getsockname())
            crowd.append(visitor)
        failed = failure(f"http://127.0.0.1:{listener.getsockname()[1]}")
        for visitor in crowd:
            visitor.close()

    assert type(failed.error) is NotSent
    assert "timed out" in str(failed.error)


CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
UNKNOWN: dict[str, Reply] = {
    "no answer in time": silence(1),
    "cut before the answer": raw(b""),
    "cut in the status line": raw(b"HTTP/1.1 2"),
    "cut before the body": raw(CUT),
    "cut in the body": raw(CUT + b'{"status": '),
    "cut in a chunk": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"),
    "no HTTP at all": raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "a body that is not zipped as it says": http("200 OK", b"plain", Content_Encoding="gzip"),
    "500": http("500 Internal Server Error", b'{"errorMsg": "InternalServerError"}'),
    "500 with HTML": http("500 Internal Server Error", b"<html>Oops</html>", Content_Type="text/html"),
    "502": http("502 Bad Gateway"),
    "503": http("503 Service Unavailable", b'{"message": null}', Retry_After="3"),
    "504": http("504 Gateway Timeout", b'{"message": "Endpoint request timed out"}'),
    "302": http("302 Found", Location="http://127.0.0.1:9/elsewhere"),
    "304": http("304 Not Modified"),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_outcome_is_unknown_when_amazon_may_have_acted(case: str, amazon: Callable[[Reply], ScriptedServer]) -> None:
    server = amazon(UNKNOWN[case])

    failed = failure(server.url)

    assert type(failed.error) is OutcomeUnknown
    assert failed.call.error == str(failed.error) != ""
    assert len(server.received) == 1, "a call is never repeated behind the caller's back"


def test_redirect_is_not_followed(amazon: Callable[[Reply], ScriptedServer]) -> None:
    elsewhere = amazon(http("200 OK", b"{}"))
    server = amazon(http("307 Temporary Redirect", Location=f"{elsewhere.url}/v1/x"))

    failed = failure(server.url)

    assert failed.call.status == 307
    assert elsewhere.received == []


REFUSALS: dict[str, tuple[Reply, type[AmazonError], str]] = {
    "unknown trip": (
        http("400 Bad Request", b'{"errorMsg": "UnknownShoppingTrip"}'),
        UnknownTrip,
        "Amazon answered 400 UnknownShoppingTrip.",
    ),
    "expired": (
        http("400 Bad Request", b'{"errorMsg": "ShoppingTripExpiredException: token"}'),
        TripExpired,
        "Amazon answered 400 ShoppingTripExpiredException: token.",
    ),
    "expired, told by a message": (
        http("400 Bad Request", b'{"message": "ShoppingTripExpiredException"}'),
        TripExpired,
        "Amazon answered 400 ShoppingTripExpiredException.",
    ),
    "another 400": (
        http("400 Bad Request", b'{"errorMsg": "InvalidAmount"}'),
        Refused,
        "Amazon answered 400 InvalidAmount.",
    ),
    "403 of the gateway": (
        http("403 Forbidden", b'{"Message": "User is not authorized"}'),
        Refused,
        "Amazon answered 403 User is not authorized.",
    ),
    "404": (http("404 Not Found", b"<html></html>"), Refused, "Amazon answered 404."),
    "400 with a list": (http("400 Bad Request", b'["errorMsg"]'), Refused, "Amazon answered 400."),
    "400 with a number": (http("400 Bad Request", b'{"errorMsg": 7}'), Refused, "Amazon answered 400 7."),
    "400 with nothing": (http("400 Bad Request"), Refused, "Amazon answered 400."),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusal_is_told_apart_by_what_amazon_says(case: str, amazon: Callable[[Reply], ScriptedServer]) -> None:
    reply, kind, text = REFUSALS[case]

    failed = failure(amazon(reply).url)

    assert type(failed.error) is kind
    assert str(failed.error) == failed.call.error == text


RETRY_AFTER = {
    "3": (3, 3),
    "120": (120, 120),
    "999999999999999999999": (LONGEST_RETRY_AFTER, LONGEST_RETRY_AFTER),
    "9" * 5000: (LONGEST_RETRY_AFTER, LONGEST_RETRY_AFTER),
    "Fri, 31 Dec 9999 23:59:59 GMT": (LONGEST_RETRY_AFTER, LONGEST_RETRY_AFTER),
    "": None,
    "0": None,
    "-5": None,
    "1.5": None,
    "soon": None,
    "NaN": None,
    "1e9": None,
    "\N{SUPERSCRIPT TWO}": None,
    "Thu, 01 Jan 1970 00:00:00 GMT": None,
    "Wed, 99 Foo 2026 07:28:00 GMT": None,
    "Wed, 21 Oct 99999999 07:28:00 GMT": None,
}


@pytest.mark.parametrize("header", RETRY_AFTER)
def test_call_that_amazon_puts_off_was_not_acted_on(header: str, amazon: Callable[[Reply], ScriptedServer]) -> None:
    bounds = RETRY_AFTER[header]
    reply = raw(
        b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\nRetry-After: %s\r\n\r\n"
        % header.encode("latin-1")
    )

    failed = failure(amazon(reply).url)

    assert type(failed.error) is NotSent
    if bounds is None:
        assert failed.error.retry_after is None
    else:
        assert failed.error.retry_after is not None
        assert bounds[0] <= failed.error.retry_after <= bounds[1]


def test_retry_after_may_be_a_date(amazon: Callable[[Reply], ScriptedServer]) -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(minutes=1), usegmt=True)

    failed = failure(amazon(http("429 Too Many Requests", b"", Retry_After=in_a_minute)).url)

    assert 0 < failed.error.retry_after <= 60


def test_429_without_a_header_leaves_the_wait_to_us(amazon: Callable[[Reply], ScriptedServer]) -> None:
    failed = failure(amazon(http("429 Too Many Requests", b'{"message": "Too Many Requests"}')).url)

    assert type(failed.error) is NotSent
    assert failed.error.retry_after is None


# --- What is kept ---


def test_html_in_a_200_is_handed_to_the_caller_who_calls_it_unreadable(
    amazon: Callable[[Reply], ScriptedServer],
) -> None:
    body, call = send(address(amazon(http("200 OK", b"<html>Hi</html>")).url), "capture_charge", PATH, PAYLOAD)

    failed = unreadable(call)

    assert (body, call.status, call.answer) == (b"<html>Hi</html>", 200, "<html>Hi</html>")
    assert type(failed.error) is OutcomeUnknown
    assert failed.call.error


def test_200_cut_in_its_headers_is_no_success(amazon: Callable[[Reply], ScriptedServer]) -> None:
    """Python takes the end of the connection for the end of the headers."""
    failed = failure(amazon(raw(b"HTTP/1.1 200 OK\r\nConte")).url)

    assert type(failed.error) is OutcomeUnknown
    assert failed.call.status == 200


def test_long_and_odd_answers_are_kept_in_a_form_that_the_database_takes(
    amazon: Callable[[Reply], ScriptedServer],
) -> None:
    reply = http("500 Error", b"\x00\xff" + b"x" * 100_000, x_amzn_RequestId="r" * 1000)

    call = failure(amazon(reply).url).call

    assert 0 < len(call.answer) <= 4000
    assert "\0" not in call.answer
    assert len(call.amazon_request_id) == 100


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("200 OK", b'{"email": "ann@example.com", "phone": "0123"}'),
        ("200 OK", b"Ask ann@example.com or +1 555 0123 4567"),
        ("400 Bad Request", b'{"errorMsg": "ann@example.com is unknown"}'),
        ("500 Error", b"x" * 3990 + b' "ann@example.com"'),
    ],
)
def test_personal_data_are_not_kept(status: str, body: bytes, amazon: Callable[[Reply], ScriptedServer]) -> None:
    url = amazon(http(status, body)).url

    try:
        received, call = send(address(url), "identity", PATH, PAYLOAD)
    except Failure as failed:
        received, call = body, failed.call

    assert received == body, "the caller gets it all"
    for text in (call.answer, call.error):
        assert "ann" not in text
        assert "0123" not in text


@pytest.mark.django_db
@pytest.mark.parametrize("case", ["no answer in time", "500 with HTML", "cut in the body"])
def test_every_attempt_can_be_journalled(case: str, amazon: Callable[[Reply], ScriptedServer]) -> None:
    call = failure(amazon(UNKNOWN[case]).url).call

    call.save()
    call.refresh_from_db()

    assert str(call)
    assert call.error
    assert (call.duration_ms >= 500) == (case == "no answer in time")
