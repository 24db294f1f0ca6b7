"""The frame of the retailer's API: who calls, JSON without floats, and refusals in words."""

from typing import Any

import pytest
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from core.errors import Conflict, Invalid

factory = APIRequestFactory()


class WhoAmI(APIView):
    permission_classes = [IsAuthenticated]

    def get(self, request: Request) -> Response:
        return Response({"name": str(request.user), "can_write": request.user.can_write})


class Unfinished(APIView):
    """Names no permission."""

    def get(self, request: Request) -> Response:
        return Response("secret")


class Echo(APIView):
    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        return Response({"kind": type(request.data["amount"]).__name__, "text": str(request.data["amount"])})


def who_am_i(header: str | None) -> Any:
    headers = {} if header is None else {"HTTP_AUTHORIZATION": header}
    return WhoAmI.as_view()(factory.get("/", **headers))


def echo(body: bytes) -> Any:
    return Echo.as_view()(factory.generic("POST", "/", body, content_type="application/json"))


@pytest.mark.parametrize(("key", "can_write"), [("test-read-key", False), ("test-write-key", True)])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_caller_is_known_by_its_key(scheme: str, key: str, can_write: bool) -> None:
    answer = who_am_i(f"{scheme} {key}")

    assert (answer.status_code, answer.data) == (200, {"name": "API", "can_write": can_write})


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer another-key",
        "Bearer TEST-READ-KEY",
        "Bearer test-read-key,test-write-key",
        "Bearer test-connector-key",
        "Basic test-read-key",
        "test-read-key",
        "Bearer Schlüssel",
    ],
)
def test_caller_without_a_key_is_refused(header: str | None) -> None:
    answer = who_am_i(header)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("keys", [[], [""]])
@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer test-read-key"])
def test_nobody_may_call_while_no_key_is_configured(header: str, keys: list[str], settings: Any) -> None:
    settings.READ_API_KEYS = settings.WRITE_API_KEYS = keys

    assert who_am_i(header).status_code == 401


@pytest.mark.parametrize("header", [{}, {"HTTP_AUTHORIZATION": "Bearer test-write-key"}])
def test_view_that_names_no_permission_answers_nobody(header: dict[str, str]) -> None:
    assert Unfinished.as_view()(factory.get("/", **header)).status_code in {401, 403}


@pytest.mark.parametrize("amount", ["1.10", "0.1", "1e400", "123456789012345678901234567890.12"])
def test_numbers_with_a_point_become_decimals(amount: str) -> None:
    answer = echo(b'{"amount": %s}' % amount.encode())

    assert answer.data["kind"] == "Decimal"
    assert answer.data["text"].replace("E+", "e") == amount


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"amount": NaN}',
        b'{"amount": Infinity}',
        b'{"amount": -Infinity}',
        b'{"amount": "\xff"}',
        b"[" * 100_000,
        b'{"amount": ' + b"9" * 5000 + b"}",
        b'{"amount": 1e99999999999999999999}',
        b'{"amount": 1e-99999999999999999999}',
    ],
)
def test_body_that_is_no_json_is_refused(body: bytes) -> None:
    assert echo(body).status_code == 400


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (Invalid("No such line.", field="lines"), 400, {"detail": "No such line.", "field": "lines"}),
        (Invalid("Nothing to do."), 400, {"detail": "Nothing to do."}),
        (Conflict("It is refunded already."), 409, {"detail": "It is refunded already."}),
    ],
)
def test_refusal_of_a_service_is_told_in_its_words(error: Exception, status: int, body: dict[str, str]) -> None:
    class Refusing(APIView):
        permission_classes = [AllowAny]

        def get(self, request: Request) -> Response:
            raise error

    answer = Refusing.as_view()(factory.get("/"))

    assert (answer.status_code, answer.data) == (status, body)
