from datetime import timedelta

import pytest

from sandbox.tests.signed_calls import PATHS, Caller, trip_body

BODY = b'{"storeId": "S1", "shoppingTripId": "valid-shopping-trip-uuid"}'
CANCEL = PATHS["cancel"]
MISMATCH = "The request signature we calculated does not match"


@pytest.fixture
def signed(caller: Caller) -> dict[str, str]:
    return caller.signed_headers(CANCEL, BODY)


def test_a_signed_call_is_let_in_and_every_answer_has_a_request_id(caller: Caller) -> None:
    first, second = (caller.call("cancel", BODY) for _ in range(2))

    assert first.status == second.status == 200
    assert first.headers["x-amzn-RequestId"] != second.headers["x-amzn-RequestId"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic YTpi"}])
def test_an_unsigned_call_misses_its_token(caller: Caller, headers: dict[str, str]) -> None:
    answer = caller.send("POST", CANCEL, BODY, headers)

    assert (answer.status, answer.content) == (403, {"message": "Missing Authentication Token"})


def test_the_signature_comes_before_the_body_and_unsigned_calls_change_nothing(caller: Caller) -> None:
    assert caller.send("POST", CANCEL, b"{").status == 403
    assert caller.send("POST", CANCEL, BODY).status == 403
    assert caller.control("GET", "/books").content == {"trips": []}


def test_a_wrong_secret_does_not_match(caller: Caller) -> None:
    caller.secret_key = "another"

    answer = caller.call("cancel", BODY)

    assert answer.status == 403
    assert answer.content["message"].startswith(MISMATCH)


def test_an_unknown_key_is_not_authorized(caller: Caller) -> None:
    caller.access_key = "stranger"

    answer = caller.call("cancel", BODY)

    assert answer.status == 403
    assert "is not authorized to perform: execute-api:Invoke on resource: " in answer.content["Message"]


def test_another_body_than_the_signed_one_does_not_match(caller: Caller, signed: dict[str, str]) -> None:
    assert caller.send("POST", CANCEL, BODY.replace(b"S1", b"S2"), signed).content["message"].startswith(MISMATCH)


def test_another_path_than_the_signed_one_does_not_match(caller: Caller, signed: dict[str, str]) -> None:
    answer = caller.send("POST", PATHS["transactional-data"], BODY, signed)

    assert answer.content["message"].startswith(MISMATCH)


def test_a_digest_header_must_tell_the_truth(caller: Caller) -> None:
    lie = {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}
    signed = caller.signed_headers(CANCEL, BODY)

    answer = caller.send("POST", CANCEL, BODY, signed | lie)

    assert "must be a 'SignedHeader'" in answer.content["message"]


def test_a_session_token_is_part_of_the_signature(caller: Caller) -> None:
    caller.token = "session"
    signed = caller.signed_headers(CANCEL, BODY)

    assert caller.send("POST", CANCEL, BODY, signed).status == 200
    assert caller.send("POST", CANCEL, BODY, signed | {"X-Amz-Security-Token": "x"}).status == 403


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_date_more_than_five_minutes_off_is_refused(caller: Caller, minutes: int) -> None:
    headers = caller.signed_headers(CANCEL, BODY, timedelta(minutes=minutes))

    assert caller.send("POST", CANCEL, BODY, headers).content["message"].startswith("Signature ")


@pytest.mark.parametrize("minutes", [-4, 4])
def test_a_date_less_than_five_minutes_off_is_taken(caller: Caller, minutes: int) -> None:
    headers = caller.signed_headers(CANCEL, BODY, timedelta(minutes=minutes))

    assert caller.send("POST", CANCEL, BODY, headers).status == 200


def test_the_moved_clock_of_the_sandbox_does_not_spoil_signatures(caller: Caller) -> None:
    caller.control("POST", "/sandbox/clock", {"offset_seconds": 3600})

    assert caller.call("cancel", BODY).status == 200


def test_the_service_must_be_execute_api(caller: Caller) -> None:
    caller.service = "s3"

    assert "execute-api" in caller.call("cancel", BODY).content["message"]


@pytest.mark.parametrize("host", ["eu-west-1.payments.example.com", "eu-west-1.test.payments.example.com:9000"])
def test_the_region_is_the_first_label_of_the_host(caller: Caller, host: str) -> None:
    caller.host = host
    assert caller.call("cancel", BODY).status == 403

    caller.region = "eu-west-1"
    assert caller.call("cancel", BODY).status == 200


@pytest.mark.parametrize(("region", "status"), [("ap-southeast-1", 200), ("us-west-2", 200), ("eu-central-1", 403)])
def test_a_host_without_region_takes_a_region_of_just_walk_out(caller: Caller, region: str, status: int) -> None:
    caller.region = region

    assert caller.call("cancel", BODY).status == status


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/b",
        "AWS4-HMAC-SHA256 Credential=demo-access-key/20200101/us-east-1/execute-api/aws4_request,"
        " SignedHeaders=host;x-amz-date, Signature=" + "0" * 64,
    ],
)
def test_a_malformed_authorization_is_refused(caller: Caller, signed: dict[str, str], authorization: str) -> None:
    assert caller.send("POST", CANCEL, BODY, signed | {"Authorization": authorization}).status == 403


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/refund/charge"), ("GET", CANCEL), ("PUT", CANCEL), ("GET", "/")]
)
def test_a_path_api_gateway_does_not_have_misses_its_token(caller: Caller, method: str, path: str) -> None:
    answer = caller.send(method, path)

    assert (answer.status, answer.content) == (403, {"message": "Missing Authentication Token"})


def test_throttling_comes_before_the_body(caller: Caller) -> None:
    answer = caller.call("capture", trip_body("throttled-trip-uuid", "wrong"))

    assert answer.status == 429
